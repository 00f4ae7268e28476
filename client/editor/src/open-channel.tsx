import { ChannelView } from './channel-view.tsx';
import { AccessContext, useAccess } from './shared/access.tsx';
import { StatusButton } from './status/status-button.tsx';

/** The open channel, for what its user may do. What becomes of edits that were made before is theirs in any case. */
export function OpenChannel() {
  const { access, banner } = useAccess();
  const status = (
    <AccessContext value="edit">
      <StatusButton />
    </AccessContext>
  );
  return (
    <AccessContext value={access}>
      <ChannelView status={status} banner={banner} />
    </AccessContext>
  );
}
