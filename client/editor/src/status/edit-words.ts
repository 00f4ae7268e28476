import type { RawChange } from '@cambium/client';
import { type JsonObject, isJsonObject } from '@cambium/protocol';
import { useMemo } from 'react';

import { useClient } from '../shared/client.ts';
import { useLive } from '../shared/live.ts';

/** An edit as its author would call it: Move “Roots”. */
export function useEditInWords(change: RawChange): string {
  const client = useClient();
  const key = typeof change['key'] === 'string' ? change['key'] : null;
  const node = useLive(
    useMemo(
      () => (key === null ? null : client.channel(change.channel_id).node$(key)),
      [client, change.channel_id, key],
    ),
  );
  return node === undefined && key !== null ? '…' : editInWords(change, node?.title);
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
