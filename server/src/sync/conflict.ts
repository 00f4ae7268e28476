import { fieldOf, type Conflict, type Id, type LogEntry } from '@cambium/protocol';
import type { ChangeLog } from './log.ts';

/**
 * Entries of one row's history, and characters of them, that are read for the sake of one change; beyond, the log
 * "no longer says".
 */
const FARTHEST = 1_000;
const LONGEST = 4_194_304;

/**
 * Finds who wrote the values that an update writes over, by following the row's history back from its last entry
 * before the update (`prev`).
 */
export function withTheirRevs(
  log: Pick<ChangeLog, 'read'>,
  channel: Id,
  prev: number,
  conflicts: Omit<Conflict, 'theirs_rev'>[],
): Conflict[] {
  const found = new Map<string, number>();
  let length = 0;
  for (let rev = prev, steps = 0; rev > 0 && found.size < conflicts.length && steps < FARTHEST; steps += 1) {
    const step = length < LONGEST ? log.read(channel, rev) : undefined;
    if (!step) break;
    length += step.length;
    for (const { path } of conflicts) if (!found.has(path) && hasWritten(step.entry, path)) found.set(path, rev);
    rev = step.prev;
  }
  return conflicts.map((conflict) => ({ ...conflict, theirs_rev: found.get(conflict.path) ?? null }));
}

function hasWritten(entry: LogEntry, path: string): boolean {
  if (entry.type === 'CREATED' || entry.type === 'COPIED') return true;
  return Object.keys(entry.mods ?? {}).some((mod) => overlaps(mod, path));
}

/** Is one path the other, or inside it? */
function overlaps(a: string, b: string): boolean {
  if (fieldOf(a) !== fieldOf(b)) return false;
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}
