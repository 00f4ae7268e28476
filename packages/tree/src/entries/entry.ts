import type { EntryDraft } from '@cambium/protocol';

/** An entry with its time: all that applying it takes. Every `LogEntry` is one. */
export type Entry = EntryDraft & { at: string };

/** A part that every entry of its type has. Without it the entry is no entry of this log, which is a bug. */
export function need<K extends keyof Entry>(entry: Entry, part: K): NonNullable<Entry[K]> {
  const value = entry[part];
  if (value === undefined || value === null) {
    throw new Error(`the entry ${entry.type} of ${entry.table} ${String(entry.key)} has no ${part}`);
  }
  return value;
}
