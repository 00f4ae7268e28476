import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { Refusal, type Id } from '@cambium/protocol';
import { openSnapshot } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { User } from '../writer/writer.ts';
import { presentRows } from './presentRows.ts';
import type { ChannelState, Rows } from './snapshotRows.ts';
import { pastRows } from './travel.ts';

export interface SnapshotQuery {
  /** `channel.pk` of a channel that the reader may view. */
  channel: number;
  viewer: User;
  /** The state at this rev instead of now. */
  at?: number;
  /** This node and what is below it, and what hangs on them. */
  under?: Id;
  /** Only rows behind this one, `TABLE:ID`: where a stream at the same rev was cut. */
  after?: string;
}

/** NDJSON in pieces of text, and the rev of the state that they tell. */
export interface SnapshotStream extends AsyncIterableIterator<string> {
  readonly server_rev: number;
}

/**
 * A channel as NDJSON, in pieces of text: header, rows, end. It is one state, read on a connection of its own; what is
 * written meanwhile is not in it. The connection is closed when the stream ends or is given up (`return`).
 *
 * Refusals, thrown before the first piece: 400 for `at` and `after`, 404 for `under`, 410 when the log no longer
 * reaches back.
 */
export async function snapshot(of: Database, query: SnapshotQuery): Promise<SnapshotStream> {
  const connection = openSnapshot(of);
  try {
    const state = channelState(connection.raw, query.channel);
    const { viewer, at, under, after } = query;
    if (at !== undefined) checkRev(at, state);
    else if (after !== undefined) throw new Refusal('missing_field', { field: 'at' });
    const rows =
      at === undefined
        ? presentRows(connection, viewer, state, under)
        : await pastRows(connection.raw, state, query, at);
    return closing(rows.header.server_rev, stream(rows, after), () => connection.close());
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A generator's own `finally` does not run when it is given up before its first step. */
function closing(server_rev: number, pieces: AsyncGenerator<string>, close: () => void): SnapshotStream {
  let isOpen = true;
  const end = () => {
    if (isOpen) close();
    isOpen = false;
  };
  return {
    server_rev,
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      try {
        const step = await pieces.next();
        if (step.done) end();
        return step;
      } catch (error) {
        end();
        throw error;
      }
    },
    async return() {
      await pieces.return(undefined);
      end();
      return { done: true, value: undefined };
    },
  };
}

function channelState(db: Database, pk: number): ChannelState {
  const text = `SELECT pk, id, head, checkpoint FROM channel WHERE pk = ? AND deleted = 0`;
  const state = statement<[number], ChannelState>(db, text).get(pk);
  if (!state) throw new Refusal('not_found');
  return state;
}

function checkRev(at: number, { head, checkpoint }: ChannelState): void {
  if (!Number.isSafeInteger(at) || at < 1 || at > head) {
    throw new Refusal('invalid_value', { field: 'at', message: `It must be a rev of the channel, 1 to ${head}.` });
  }
  if (at < checkpoint) throw new Refusal('snapshot_gone');
}

async function* stream({ header, pages }: Rows, after: string | undefined): AsyncGenerator<string> {
  const count = { nodes: 0, files: 0 };
  let skipping = after !== undefined;
  yield `${JSON.stringify(header)}\n`;
  for (const page of pages) {
    let text = '';
    for (const { table, key, row } of page) {
      if (table === 'contentnode') count.nodes += 1;
      if (table === 'file') count.files += 1;
      if (!skipping) text += `${JSON.stringify({ table, row })}\n`;
      else if (`${table}:${key}` === after) skipping = false;
    }
    if (text !== '') yield text;
    // Other requests have their turn between two pages.
    await setImmediate();
  }
  yield `${JSON.stringify({ end: true, ...count })}\n`;
}
