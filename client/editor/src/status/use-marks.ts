import type { Id } from '@cambium/protocol';
import { useMemo } from 'react';

import { useClient } from '../shared/client.ts';
import { useLive } from '../shared/live.ts';

/** The nodes with edits that are not confirmed yet, and those with refused ones. */
export function useMarks(): { pending: ReadonlySet<Id>; refused: ReadonlySet<Id> } {
  const client = useClient();
  const pending = useLive(client.pending$);
  const rejected = useLive(client.rejected$);
  const uploads = useLive(client.files.uploads$);
  return useMemo(() => {
    const marks = { pending: new Set<Id>(), refused: new Set<Id>() };
    for (const { change } of pending ?? []) marks.pending.add(nodeOf(change));
    for (const { change } of rejected ?? []) marks.refused.add(nodeOf(change));
    for (const upload of uploads ?? []) {
      (upload.state === 'refused' ? marks.refused : marks.pending).add(upload.contentnode);
    }
    return marks;
  }, [pending, rejected, uploads]);
}

/** The node that a change is about: its own row, or the one that a file or an item hangs on. */
function nodeOf(change: object): Id {
  const { key, obj } = change as { key: unknown; obj?: { contentnode?: unknown } };
  if (typeof obj?.contentnode === 'string') return obj.contentnode;
  return String(Array.isArray(key) ? key[0] : key);
}
