import { normalizeId, type Id } from '../id.ts';
import { isJsonObject } from '../json.ts';
import type { Problems } from './problems.ts';

const FIELD = 'excluded_descendants';

/** The ids that a copy leaves out: a list of them, or Studio's map of ids to true. Null when nothing is said. */
export function parseExcluded(raw: unknown, source: Id | null, problems: Problems): Id[] | null {
  if (raw === undefined) return null;
  if (!Array.isArray(raw) && !isJsonObject(raw)) {
    problems.invalid(FIELD, 'It must be a list of ids, or a map of ids to true.');
    return null;
  }
  const named: unknown[] = Array.isArray(raw) ? raw : Object.keys(raw).filter((id) => raw[id]);
  const ids = new Set<Id>();
  for (const value of named) {
    const id = normalizeId(value);
    if (id === null) problems.invalid(FIELD, 'An id is 32 hex digits.');
    else if (id === source) problems.invalid(FIELD, 'A copy cannot leave out its own source.');
    else ids.add(id);
  }
  return [...ids];
}
