import type { Id } from '@cambium/protocol';
import type { Overlay } from './overlay.ts';

/** Below this, single reads are cheaper than a query over a list. */
const WORTH_IT = 3;

/** Loads many rows, and their ancestors, with a query for each level instead of one for each node. */
export function prefetch(overlay: Overlay, ids: readonly Id[]): void {
  const unknown = [...new Set(ids)].filter((id) => !overlay.ids.has(id));
  if (unknown.length < WORTH_IT) return;
  let above = new Set<number>();
  for (const row of overlay.statements.manyById.all(JSON.stringify(unknown))) {
    const { parent } = overlay.adoptWhole(row);
    if (parent !== null) above.add(parent);
  }
  for (const id of unknown) if (!overlay.ids.has(id)) overlay.ids.set(id, null);
  while (above.size > 0) {
    const missing = [...above].filter((pk) => !overlay.nodes.has(pk));
    above = new Set();
    if (missing.length === 0) return;
    for (const row of overlay.statements.manyByPk.all(JSON.stringify(missing))) {
      const { parent } = overlay.adopt(row);
      if (parent !== null) above.add(parent);
    }
  }
}
