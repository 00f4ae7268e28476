import { type Id, keyText, type NodeRow, type Table } from '@cambium/protocol';
import { type Effect, NotLoaded } from '@cambium/tree';
import { generateKeyBetween } from 'fractional-indexing';
import { keyOf, type StoredNode, type StoredRow } from '../database/rows.ts';
import { need, type Steps } from './steps.ts';
import type { Workspace } from './workspace.ts';

/** One row as it is to be; undefined: gone. */
interface Write {
  table: Table;
  key: string;
  row: StoredRow | undefined;
}

/** Lays effects on the shown rows, one after the other. */
export function* applyEffects(effects: readonly Effect[], workspace: Workspace): Steps<void> {
  for (const effect of effects) {
    const writes = yield* need(() => plan(effect, workspace));
    for (const { table, key, row } of writes) workspace.set(table, key, row);
  }
}

/** What an effect writes. Pure: it may be started over. */
function plan(effect: Effect, workspace: Workspace): Write[] {
  switch (effect.effect) {
    case 'insert':
      return insert(effect.row, effect.after, workspace);
    case 'move':
      return move(effect.id, effect.parent, effect.after, workspace);
    case 'remove':
      return remove(effect.id, workspace);
    case 'patch':
      return patch(effect.table, keyText(effect.key), effect.fields as StoredRow, workspace);
    case 'put':
      return put(effect.table, effect.row as unknown as StoredRow, workspace);
    case 'drop':
      return drop(effect.table, keyText(effect.key), workspace);
    case 'publish':
      return publish(effect.channel, workspace);
    case 'removeChannel':
      return removeChannel(effect.channel, workspace);
  }
}

function insert(row: NodeRow, after: Id | null, workspace: Workspace): Write[] {
  const before = workspace.stored('contentnode', row.id);
  if (before) throw new Error(`node ${row.id} is there already`);
  const order = row.parent_id === null ? '' : orderAfter(row.parent_id, after, workspace);
  const node = { ...row, order, child_count: 0 };
  const write = nodeWrite(node);
  return row.parent_id === null ? [write] : [write, countChild(row.parent_id, 1, workspace)];
}

function move(id: Id, parent: Id, after: Id | null, workspace: Workspace): Write[] {
  const node = workspace.node(id);
  if (node.parent_id === null) throw new Error(`the root ${id} has no place to move from`);
  if (after === id) throw new Error(`node ${id} cannot follow itself`);
  if (node.parent_id === parent && workspace.previousSibling(id) === after) return [];
  const moved = nodeWrite({ ...node, parent_id: parent, order: orderAfter(parent, after, workspace) });
  if (node.parent_id === parent) return [moved];
  return [moved, countChild(node.parent_id, -1, workspace), countChild(parent, 1, workspace)];
}

function orderAfter(parent: Id, after: Id | null, workspace: Workspace): string {
  if (after !== null && workspace.node(after).parent_id !== parent) throw new Error(`${after} is not in ${parent}`);
  const { low, high } = workspace.gap(parent, after);
  return generateKeyBetween(low, high);
}

function countChild(parent: Id, by: 1 | -1, workspace: Workspace): Write {
  const node = workspace.node(parent);
  return nodeWrite({ ...node, child_count: node.child_count + by });
}

function remove(id: Id, workspace: Workspace): Write[] {
  const node = workspace.stored('contentnode', id);
  if (!node) return [];
  const ids = workspace.subtree(id);
  const writes = hangingOn(ids, workspace);
  for (const below of ids) writes.push({ table: 'contentnode', key: below, row: undefined });
  if (node.parent_id !== null) writes.push(countChild(node.parent_id, -1, workspace));
  return writes;
}

/** The end of everything that hangs on these nodes. */
function hangingOn(nodes: Id[], workspace: Workspace): Write[] {
  loadAll('assessmentitem', nodes, workspace);
  const items = nodes.flatMap((id) => workspace.attachedTo('assessmentitem', id).map((item) => item.id));
  loadAll('contentnode_prerequisite', nodes, workspace);
  loadAll('file', [...nodes, ...items], workspace);
  const gone = new Map<string, Write>();
  const note = (table: Table, row: object): void => {
    const key = keyText(keyOf(table, row as StoredRow));
    gone.set(`${table}:${key}`, { table, key, row: undefined });
  };
  for (const id of nodes) for (const pair of workspace.pairsOf(id)) note('contentnode_prerequisite', pair);
  for (const owner of [...nodes, ...items]) for (const file of workspace.attachedTo('file', owner)) note('file', file);
  for (const id of nodes) for (const item of workspace.attachedTo('assessmentitem', id)) note('assessmentitem', item);
  return [...gone.values()];
}

/** Loads for all owners at once what would otherwise be asked for one by one. */
function loadAll(
  table: 'file' | 'assessmentitem' | 'contentnode_prerequisite',
  owners: Id[],
  workspace: Workspace,
): void {
  if (!workspace.hasHanging(table, owners)) throw new NotLoaded(() => workspace.loadHanging(table, owners));
}

function patch(table: Table, key: string, fields: StoredRow, workspace: Workspace): Write[] {
  const row = workspace.stored(table, key) as StoredRow | undefined;
  if (!row) return [];
  if (Object.keys(fields).every((field) => row[field] === fields[field])) return [];
  return [{ table, key, row: { ...row, ...fields } }];
}

function put(table: Table, row: StoredRow, workspace: Workspace): Write[] {
  const key = keyText(keyOf(table, row));
  const before = workspace.stored(table, key) as StoredRow | undefined;
  // The list of channels knows more of a channel than its log does.
  return [{ table, key, row: table === 'channel' && before ? { ...before, ...row } : row }];
}

function drop(table: Table, key: string, workspace: Workspace): Write[] {
  if (!workspace.stored(table, key)) return [];
  const writes: Write[] = table === 'assessmentitem' ? filesOf(key, workspace) : [];
  return [...writes, { table, key, row: undefined }];
}

function filesOf(item: Id, workspace: Workspace): Write[] {
  return workspace.attachedTo('file', item).map(({ id }) => ({ table: 'file', key: id, row: undefined }));
}

function publish(channel: Id, workspace: Workspace): Write[] {
  return workspace
    .nodesOf(channel)
    .filter((node) => node.complete && (!node.published || node.changed))
    .map((node) => nodeWrite({ ...node, published: true, changed: false }));
}

function removeChannel(channel: Id, workspace: Workspace): Write[] {
  const ids = workspace.nodesOf(channel).map(({ id }) => id);
  const writes = hangingOn(ids, workspace);
  for (const id of ids) writes.push({ table: 'contentnode', key: id, row: undefined });
  for (const id of workspace.appRowsOf(channel)) writes.push({ table: 'app_row', key: id, row: undefined });
  writes.push({ table: 'channel', key: channel, row: undefined });
  return writes;
}

function nodeWrite(node: StoredNode): Write {
  return { table: 'contentnode', key: node.id, row: node as unknown as StoredRow };
}
