import { fieldOf, getPath, isEqualJson, type Json, type Mods } from '@cambium/protocol';
import type { Applied } from '../outcome.ts';

/**
 * Where the store says something else than the author saw, and than what the author now wrote.
 *
 * @param fields the row's fields with their values after the change
 */
export function conflictsOf(row: object, fields: object, base: Mods | undefined): NonNullable<Applied['conflicts']> {
  if (base === undefined) return [];
  const conflicts: NonNullable<Applied['conflicts']> = [];
  for (const [path, seen] of Object.entries(base)) {
    const theirs = getPath(row, path);
    if (isEqualJson(theirs, seen ?? null)) continue;
    const yours: Json = Object.hasOwn(fields, fieldOf(path)) ? getPath(fields, path) : theirs;
    if (!isEqualJson(theirs, yours)) conflicts.push({ path, base: seen, theirs, yours });
  }
  return conflicts;
}
