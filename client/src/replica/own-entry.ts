import { applyMods, isJsonObject, type JsonObject, type LogEntry, parseChange } from '@cambium/protocol';
import type { PendingRecord } from '../database/records.ts';

/**
 * An own entry may come shortened in the answer to the request that carried its change: it is completed from that
 * change. A shortened COPIED was fetched before.
 */
export function completeEntry(entry: LogEntry, record: PendingRecord | undefined): LogEntry {
  if (!record) return entry;
  const parsed = parseChange(record.change);
  if (!parsed.ok) return entry;
  const { change } = parsed;
  if (entry.type === 'UPDATED' && change.type === 'UPDATED') {
    return { ...entry, mods: { ...change.mods, ...entry.mods } };
  }
  if (entry.type !== 'CREATED' || change.type !== 'CREATED' || isJsonObject(entry.obj)) return entry;
  const obj: JsonObject = { ...change.obj, ...applyMods(change.obj, entry.mods ?? {}) };
  const { mods: _mods, ...rest } = entry;
  return { ...rest, obj };
}

/** Does an entry lack the rows that a COPIED is about? */
export function lacksRows(entry: LogEntry): boolean {
  return entry.type === 'COPIED' && entry.rows === undefined;
}
