import type { Id } from '@cambium/protocol';
import type { TreeNode } from './node.ts';
import type { Overlay } from './overlay.ts';
import type { IndexedTuple, WholeTuple } from './statements.ts';
import { link } from './token.ts';

/** What a batch is about, as far as it can be told beforehand. Ids may come twice, and be of no node. */
export interface Foreseen {
  /** Nodes that will be asked for. */
  named: readonly Id[];
  /** Those that will leave their parents: these change with them. */
  leaving: readonly Id[];
  /** Those that get a last child. */
  growing: readonly Id[];
}

/** Below this, single reads are cheaper than a query over a list. */
const WORTH_IT = 3;

/** Loads many rows, and their ancestors, with a query for each level instead of one for each node. */
export function prefetch(overlay: Overlay, { named, leaving, growing }: Foreseen): void {
  const unknown = named.filter((id) => !overlay.ids.has(id));
  if (unknown.length < WORTH_IT) return;
  const above = new Set<number>();
  const rows = overlay.statements.manyById.all(JSON.stringify(unknown));
  for (const row of rows) {
    const { parent } = overlay.adoptWhole(withId(row, unknown));
    if (parent !== null) above.add(parent);
  }
  if (rows.length < unknown.length) {
    for (const id of unknown) if (!overlay.ids.has(id)) overlay.ids.set(id, null);
  }
  if (leaving.length > 0) loadWhole(overlay, above);
  loadAncestors(overlay, above);
  loadLastChildren(overlay, growing);
}

/** The caller's own string: it will be asked for again, and one that is merely equal is found more slowly. */
function withId(row: IndexedTuple, ids: readonly Id[]): WholeTuple {
  const whole = row as unknown as WholeTuple;
  whole[1] = ids[row[1]] as Id;
  return whole;
}

/** Loads nodes with their content. */
function loadWhole(overlay: Overlay, pks: ReadonlySet<number>): void {
  const missing = [...pks].filter((pk) => !overlay.known(pk)?.content);
  if (missing.length < WORTH_IT) return;
  for (const row of overlay.statements.manyWhole.all(JSON.stringify(missing))) overlay.adoptWhole(row);
}

function loadAncestors(overlay: Overlay, pks: ReadonlySet<number>): void {
  for (let above = new Set(pks); above.size > 0;) {
    const missing: number[] = [];
    const next = new Set<number>();
    for (const pk of above) {
      const known = overlay.known(pk);
      if (!known) missing.push(pk);
      else if (known.parent !== null && !overlay.known(known.parent)) next.add(known.parent);
    }
    if (missing.length > 0) {
      for (const row of overlay.statements.manyByPk.all(JSON.stringify(missing))) {
        const { parent } = overlay.adopt(row);
        if (parent !== null) next.add(parent);
      }
    }
    above = next;
  }
}

/** Joins nodes to their last children, as far as nobody has looked at those yet. */
function loadLastChildren(overlay: Overlay, ids: readonly Id[]): void {
  const parents = new Map<number, TreeNode>();
  for (const id of ids) {
    const node = overlay.ids.get(id);
    if (node?.snapshot && node.snapshot.total > 0 && node.close.prev === undefined) parents.set(node.pk, node);
  }
  if (parents.size < WORTH_IT) return;
  for (const row of overlay.statements.manyLast.all(JSON.stringify([...parents.keys()]))) {
    const child = overlay.adopt(row);
    const parent = parents.get(row[3] as number) as TreeNode;
    if (!child.departed && child.close.next === undefined) link(child.close, parent.close);
  }
}
