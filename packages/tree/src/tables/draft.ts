import type { Change, EntryDraft, UnattachedChange } from '@cambium/protocol';

/** A change of a channel, or a write to a file that is attached to nothing. */
export type AnyChange = Change | UnattachedChange;

/** The entry of a change: what it says of itself, and what applying it has resolved. */
export function draft(change: AnyChange, resolved: Partial<EntryDraft>): EntryDraft {
  const entry: EntryDraft = {
    type: change.type,
    table: change.table,
    key: change.key,
    channel_id: change.channel_id,
    ...resolved,
  };
  if (change.group !== undefined) entry.group = change.group;
  return entry;
}
