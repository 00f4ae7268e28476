import type { Rescue } from '@cambium/client';
import { type JsonObject, isJsonObject } from '@cambium/protocol';
import { useMemo } from 'react';

import { useClient } from '../shared/client.ts';
import { useLive } from '../shared/live.ts';
import { useAttempt } from '../shared/notice.tsx';
import { count } from '../shared/words.ts';

/** One edit that the server refused: what it was, why, what helps, and what to do with it. */
export function Rejected({ rescue }: { rescue: Rescue }) {
  const client = useClient();
  const attempt = useAttempt();
  const { change, errors, dependants } = rescue;
  const key = typeof change.key === 'string' ? change.key : null;
  const node = useLive(
    useMemo(
      () => (key === null ? null : client.channel(change.channel_id).node$(key)),
      [client, change.channel_id, key],
    ),
  );
  return (
    <article className="rejected">
      <p className="rejected-what">{node === undefined && key !== null ? '…' : editInWords(change, node?.title)}</p>
      {errors.map((error) => (
        <p key={error.code + (error.field ?? '')} className="rejected-why">
          {error.message}
        </p>
      ))}
      <p className="hint">
        {rescue.remedy}
        {dependants.length > 0 && ` ${count(dependants.length, 'later edit')} went with it.`}
      </p>
      <div className="actions">
        <button className="button small" onClick={() => attempt(() => client.retry(rescue.rev))}>
          Retry
        </button>
        <button className="button small" onClick={() => attempt(() => client.discard(rescue.rev))}>
          Discard
        </button>
      </div>
    </article>
  );
}

const VERBS: Record<string, string> = {
  CREATED: 'Create',
  UPDATED: 'Change',
  MOVED: 'Move',
  COPIED: 'Copy',
  DELETED: 'Delete',
};

function editInWords(change: JsonObject, shownTitle: string | undefined): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const [type, table, mods] = [text(change['type']), text(change['table']), change['mods']];
  const given = [change['obj'], mods].find(isJsonObject)?.['title'];
  const name = shownTitle ?? text(given);
  const thing = table === 'contentnode' ? '' : `${table} `;
  const fields = type === 'UPDATED' && isJsonObject(mods) ? ` (${Object.keys(mods).join(', ')})` : '';
  return `${VERBS[type] ?? type} ${thing}${name ? `“${name}”` : 'something that is gone'}${fields}`;
}
