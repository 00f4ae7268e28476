import { isJsonObject, normalizeId, type Id } from '@cambium/protocol';
import type { Foreseen } from '../tree/index.ts';
import { madeBy, type Raw } from './incoming.ts';

/** What the changes of a batch are about, as far as it can be told without parsing them. */
export interface Plan {
  nodes: Foreseen;
  /** Ids that the changes give to new rows. */
  given: Id[];
}

const MOVING = new Set<unknown>(['MOVED', 'DELETED', 3, 4]);
/** Types that give a node its place. */
const PLACING = new Set<unknown>(['CREATED', 'MOVED', 'COPIED', 1, 4, 5]);

export function foresee(changes: readonly Raw[]): Plan {
  const named = new Set<Id>();
  const leaving: Id[] = [];
  const growing = new Set<Id>();
  const given: Id[] = [];
  const add = (value: unknown): Id | null => {
    const id = value === undefined ? null : normalizeId(value);
    if (id !== null) named.add(id);
    return id;
  };
  for (const raw of changes) {
    const { type, key, target, from_key, obj, position } = raw;
    const id = add(key);
    if (id !== null && MOVING.has(type)) leaving.push(id);
    const parent = add(isJsonObject(obj) ? obj['parent'] : undefined);
    const place = add(target) ?? parent;
    if (place !== null && PLACING.has(type) && (position === undefined || position === 'last-child'))
      growing.add(place);
    add(from_key);
    const made = madeBy(raw);
    if (made !== null) given.push(made);
  }
  return { nodes: { named: [...named], leaving, growing: [...growing] }, given };
}
