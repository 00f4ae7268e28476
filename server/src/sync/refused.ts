import { derivedId, type Change, type Id, type Json } from '@cambium/protocol';
import { madeBy, type Raw } from './incoming.ts';
import type { BatchStore } from './store.ts';

/** Ids inside refused copies that are worked out at most, for one batch. */
const FARTHEST = 10_000;

/**
 * Rows that this batch was to make and did not. A change that fails because it names one of them is told so
 * (`dependency_failed`): correcting the first makes both possible. What else the id might stand for by now is not
 * touched by this: a change that finds its rows is applied.
 */
export class RefusedRows {
  readonly #ids = new Set<Id>();
  #copies: { key: Id; source: Id }[] = [];

  /** A change was refused; its copy, too, has ids that later changes may name. */
  add(raw: Raw, change?: Change): void {
    const made = madeBy(raw);
    if (made === null) return;
    this.#ids.add(made);
    if (change?.type === 'COPIED') this.#copies.push({ key: made, source: change.from_key });
  }

  /** Does a change that was refused as `not_found` need one of these rows? */
  isNamedBy(change: Change, store: BatchStore): boolean {
    if (this.#ids.size === 0) return false;
    this.#openCopies(store);
    return namesOf(change).some((id) => this.#ids.has(id));
  }

  #openCopies(store: BatchStore): void {
    for (const { key, source } of this.#copies) {
      if (this.#ids.size > FARTHEST) break;
      const row = store.row('contentnode', source);
      if (!row || !store.mayView(row.channel_id)) continue;
      for (const id of store.subtree(source).slice(0, FARTHEST)) if (id !== source) this.#ids.add(derivedId(key, id));
    }
    this.#copies = [];
  }
}

/** Ids of the rows that a change needs. */
function namesOf(change: Change): Id[] {
  const names: (Json | undefined)[] = [];
  if (typeof change.key !== 'string') names.push(...change.key);
  else if (change.type !== 'CREATED' && change.type !== 'COPIED') names.push(change.key);
  if ('target' in change) names.push(change.target);
  if ('parent' in change) names.push(change.parent);
  if (change.type === 'COPIED') names.push(change.from_key);
  const fields = change.type === 'CREATED' ? change.obj : change.type === 'UPDATED' ? change.mods : {};
  names.push(fields['parent'], fields['contentnode'], fields['assessment_item']);
  return names.filter((name): name is Id => typeof name === 'string');
}
