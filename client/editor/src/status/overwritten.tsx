import type { ConflictRecord } from '@cambium/client';
import type { Json } from '@cambium/protocol';
import { useMemo } from 'react';

import { useClient } from '../shared/client.ts';
import { useLive } from '../shared/live.ts';
import { useAttempt } from '../shared/notice.tsx';

/** An own edit that replaced what somebody else had written at the same time: both values, to choose from. */
export function Overwritten({ conflict }: { conflict: ConflictRecord }) {
  const client = useClient();
  const attempt = useAttempt();
  const { channel_id, key, conflicts } = conflict;
  const node = useLive(useMemo(() => client.channel(channel_id).node$(key), [client, channel_id, key]));
  return (
    <article className="stuck">
      <p className="rejected-what">{node ? `“${node.title}”` : 'Something that is gone'}</p>
      <p className="hint">You and somebody else changed it at the same time. Yours is in force.</p>
      <dl>
        {conflicts.map(({ path, yours, theirs }) => (
          <div key={path} className="conflict">
            <dt>{path.replaceAll(/[._]/g, ' ')}</dt>
            <dd>
              Yours: <q dir="auto">{valueInWords(yours)}</q>
            </dd>
            <dd>
              Theirs: <q dir="auto">{valueInWords(theirs)}</q>
            </dd>
          </div>
        ))}
      </dl>
      <div className="actions">
        <button className="button small" onClick={() => attempt(() => client.settleConflict(conflict, 'mine'))}>
          Keep mine
        </button>
        <button className="button small" onClick={() => attempt(() => client.settleConflict(conflict, 'theirs'))}>
          Use theirs
        </button>
      </div>
    </article>
  );
}

function valueInWords(value: Json): string {
  if (value === null || value === '') return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
