import {
  appRowFromWire,
  type Id,
  type JsonObject,
  isJsonObject,
  Refusal,
  type Role,
  storedTable,
} from '@cambium/protocol';
import type { Queue } from '../database/queue.ts';
import type { StoredChannel } from '../database/rows.ts';
import { FirstLoad } from '../replica/first-load.ts';
import { channelFromRest } from '../replica/rest.ts';
import { type Line, replaceBase } from '../replica/replace-base.ts';
import { ServerFailure } from './failure.ts';
import type { Transport } from './transport.ts';

/**
 * Takes the state of a channel from the server: page by page where nothing of it is here yet, else all at once in
 * place of the old base. What is pending goes on top again.
 */
export async function takeSnapshot(queue: Queue, transport: Transport, channel: Id): Promise<void> {
  const lines = transport.lines(`/api/channel/${channel}/snapshot`);
  const header = (await lines.next()).value as JsonObject | undefined;
  if (!isJsonObject(header) || typeof header['server_rev'] !== 'number') throw cutOff();
  const rev = header['server_rev'];
  const total = typeof header['nodes'] === 'number' ? header['nodes'] : null;
  const rows = rowsOf(lines);
  if (await FirstLoad.isFirst(queue, channel)) {
    const load = await FirstLoad.begin(queue, channel, total);
    for await (const line of rows) await load.add(line);
    await load.finish(rev, await channelAt(transport, channel, rev));
    return;
  }
  const all: Line[] = [];
  for await (const line of rows) all.push(line);
  await replaceBase(queue, channel, { rev, rows: all, channel: await channelAt(transport, channel, rev) });
}

async function* rowsOf(lines: AsyncGenerator<unknown>): AsyncGenerator<Line> {
  for await (const line of lines) {
    if (!isJsonObject(line)) throw cutOff();
    if (line['end'] === true) return;
    yield lineOf(line);
  }
  throw cutOff();
}

/** Rows of all tables of applications lie in one table here. */
function lineOf({ table, row }: JsonObject): Line {
  if (typeof table !== 'string' || !isJsonObject(row)) throw cutOff();
  const stored = storedTable(table);
  return { table: stored, row: stored === 'app_row' ? { ...appRowFromWire(table, row) } : row };
}

function cutOff(): ServerFailure {
  return new ServerFailure(502, 'the snapshot was cut off');
}

/** The channel's own row, which no snapshot has, as it was at a rev: what came later is in the log again. */
async function channelAt(transport: Transport, channel: Id, rev: number): Promise<StoredChannel> {
  const { value, rev: read } = await transport.getAt<JsonObject>(`/api/channel/${channel}`);
  const row: StoredChannel = channelFromRest(value);
  if (typeof value['role'] === 'string') row.role = value['role'] as Role;
  if (read === null || read <= rev) return row;
  // Of all entries of a channel only PUBLISHED counts up: the others say what is, and may be applied again.
  for (let after = rev; after < read;) {
    const path = `/api/channel/${channel}/changes?after=${after}&limit=1000`;
    const { results } = await transport.get<{ results: { server_rev: number; type: string }[] }>(path);
    const last = results.at(-1);
    if (!last) throw new Refusal('not_found', { message: `The log of channel ${channel} ends before ${read}.` });
    row.version -= results.filter(({ type, server_rev }) => type === 'PUBLISHED' && server_rev <= read).length;
    after = last.server_rev;
  }
  return row;
}
