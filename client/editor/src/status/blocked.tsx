import type { PendingRecord, SyncStatus } from '@cambium/client';

import { useClient } from '../shared/client.ts';
import { useLive } from '../shared/live.ts';
import { useAttempt } from '../shared/notice.tsx';
import { useEditInWords } from './edit-words.ts';

/** The change on which the server fails, and those that were set aside because of that. */
export function Blocked({ status }: { status: SyncStatus }) {
  const pending = useLive(useClient().pending$) ?? [];
  const blocked = pending.filter(({ rev, aside }) => aside === true || rev === status.blockedBy);
  if (blocked.length === 0) return null;
  return (
    <section aria-label="Changes that are stuck">
      <h3>Stuck</h3>
      {blocked.map((record) => (
        <Stuck key={record.rev} record={record} />
      ))}
    </section>
  );
}

function Stuck({ record }: { record: PendingRecord }) {
  const client = useClient();
  const attempt = useAttempt();
  const what = useEditInWords(record.change);
  const { rev, aside } = record;
  return (
    <article className="stuck">
      <p className="rejected-what">{what}</p>
      <p className="hint">
        {aside
          ? 'Set aside. It is kept on this device, and sent when you say so.'
          : 'The server fails on it again and again. Set aside, it lets the others pass.'}
      </p>
      <div className="actions">
        <button
          className="button small"
          onClick={() => attempt(() => (aside ? client.takeUp(rev) : client.setAside(rev)))}
        >
          {aside ? 'Send again' : 'Set aside'}
        </button>
      </div>
    </article>
  );
}
