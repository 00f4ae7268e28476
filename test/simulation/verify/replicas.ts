import {
  canonicalJson,
  keyText,
  type Id,
  type Json,
  type JsonObject,
  type Key,
  type LogEntry,
} from '@cambium/protocol';
import { applyEntry, MemoryTree, type StoredRow } from '@cambium/tree';
import type { Run } from '../run.ts';
import type { Tab } from '../tab.ts';
import { bytesOf, call } from '../world/call.ts';

/** Rows by table and key, as text; nodes have their place in document order. */
type State = Map<string, string>;

/** Every client shows what the server has, and both what the log says. */
export async function verifyReplicas(run: Run, channel: Id, tree: MemoryTree): Promise<void> {
  const expected = stateOf([...tree.rows(channel)]);
  compare(run, `server's snapshot of ${channel}`, expected, await run.until(snapshotState(run, channel, tree)));
  for (const device of run.devices) {
    for (const tab of device.tabs)
      compare(run, `${tab.name} of ${channel}`, expected, await run.until(shownState(tab, channel, tree, run)));
  }
}

/** One tree of all logs: a copy from another channel brings its rows along, so the order between logs does not matter. */
export function replay(logs: readonly LogEntry[][]): MemoryTree {
  const tree = new MemoryTree();
  for (const log of logs) for (const entry of log) tree.apply(applyEntry(entry, tree));
  return tree;
}

function stateOf(rows: readonly StoredRow[]): State {
  const state: State = new Map();
  let place = 0;
  for (const { table, row } of rows) {
    const position = table === 'contentnode' ? ((place += 1), `${place} `) : '';
    state.set(nameOf(table, row as unknown as JsonObject), position + canonicalJson(row as unknown as JsonObject));
  }
  return state;
}

function nameOf(table: string, row: JsonObject): string {
  const key = table === 'contentnode_prerequisite' ? [row['target_node'], row['prerequisite']] : row['id'];
  return `${table} ${keyText(key as Key)}`;
}

function compare(run: Run, who: string, expected: State, found: State): void {
  const names = new Set([...expected.keys(), ...found.keys()]);
  const wrong = [...names].filter((name) => expected.get(name) !== found.get(name));
  const lines = wrong.map((name) => `${who}: ${name} is ${difference(found.get(name), expected.get(name))}`);
  run.violations.push(...lines.slice(0, 3), ...(lines.length > 3 ? [`${who}: and ${lines.length - 3} more`] : []));
}

/** Only the fields that differ: a whole row says nothing to a person. */
function difference(found: string | undefined, expected: string | undefined): string {
  if (found === undefined || expected === undefined)
    return found === undefined ? 'missing' : 'there, and should not be';
  const [a, b] = [parts(found), parts(expected)];
  const fields = Object.keys({ ...a, ...b }).filter(
    (field) => canonicalJson(a[field] ?? null) !== canonicalJson(b[field] ?? null),
  );
  return fields
    .map((field) => `${field} ${JSON.stringify(a[field])} instead of ${JSON.stringify(b[field])}`)
    .join(', ');
}

function parts(text: string): JsonObject {
  const begin = text.indexOf('{');
  return { ...(JSON.parse(text.slice(begin)) as JsonObject), place: text.slice(0, begin) };
}

/** What the server gives to somebody who has nothing yet. Of REST rows the stored fields count. */
async function snapshotState(run: Run, channel: Id, tree: MemoryTree): Promise<State> {
  const rows: StoredRow[] = [];
  const owner = run.users[0];
  const get = async (path: string): Promise<string> => {
    const { http } = run.world.server;
    if (!http || !owner) throw new Error('the server is down');
    const { answer } = call(http, {
      method: 'GET',
      path,
      headers: { authorization: `Token ${owner.token}` },
      body: null,
    });
    return (await bytesOf(await answer)).toString('utf8');
  };
  rows.push({
    table: 'channel',
    row: stored(JSON.parse(await get(`/api/channel/${channel}`)) as JsonObject, tree.row('channel', channel)),
  } as StoredRow);
  const lines = (await get(`/api/channel/${channel}/snapshot`)).trim().split('\n');
  for (const line of lines.slice(1, -1)) {
    const { table, row } = JSON.parse(line) as { table: StoredRow['table']; row: JsonObject };
    const key = table === 'contentnode_prerequisite' ? [row['target_node'], row['prerequisite']] : row['id'];
    rows.push({ table, row: stored(row, tree.row(table, key as Key)) } as StoredRow);
  }
  return stateOf(rows);
}

/** The fields of a REST row that are stored, in the form in which they are stored. */
function stored(rest: JsonObject, like: object | undefined): JsonObject {
  if (!like) return rest;
  const row: JsonObject = {};
  for (const field of Object.keys(like)) {
    const value = rest[field] ?? null;
    row[field] =
      field === 'tags' && Array.isArray(value)
        ? Object.fromEntries(value.map((name) => [name as string, true]))
        : value;
  }
  return row;
}

async function shownState({ client, name }: Tab, channel: Id, tree: MemoryTree, run: Run): Promise<State> {
  const rows: StoredRow[] = [];
  for await (const { has_children, ...row } of client.rows(channel)) {
    rows.push({ table: 'contentnode', row } as StoredRow);
    const has = tree.row('contentnode', row.id) !== undefined && tree.childCount(row.id) > 0;
    if (has !== has_children) run.violations.push(`${name}: has_children of ${row.id} is ${has_children}`);
  }
  const { database } = client;
  for (const table of ['channel', 'assessmentitem', 'contentnode_prerequisite', 'file'] as const) {
    for (const { role: _role, ...row } of (await database.table(table).toArray()) as Record<string, Json>[]) {
      if (row['channel_id'] === channel || row['id'] === channel) rows.push({ table, row } as unknown as StoredRow);
    }
  }
  return stateOf(rows);
}
