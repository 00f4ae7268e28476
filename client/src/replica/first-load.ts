import type { Id, Table } from '@cambium/protocol';
import { generateKeyBetween } from 'fractional-indexing';
import { type ClientDatabase, rowTable, transact } from '../database/open.ts';
import { type Queue, transactQueue } from '../database/queue.ts';
import type { StoredChannel, StoredNode, StoredRow } from '../database/rows.ts';
import { dropConfirmed, predictAgain } from './again.ts';
import { clearChannel } from './clear-channel.ts';
import { pendingOf } from './rebase.ts';
import type { Line } from './replace-base.ts';
import { rowFromRest } from './rest.ts';
import { rollback } from './rollback.ts';
import { Workspace } from './workspace.ts';

/** Rows of one transaction: WebKit is slow with few, every other transaction waits behind many. */
const PAGE = 1000;

/** A node whose children are still arriving. */
interface Open {
  node: StoredNode;
  /** The order key of its last child so far. */
  last: string | null;
}

/**
 * Writes the first snapshot of a channel as it arrives, in pages. Nodes come in document order, so a node is complete
 * when the next one is not below it: it is written then, with the count of its children, and a half-loaded tree hangs
 * on nothing that could be shown. Predictions wait until all is there.
 */
export class FirstLoad {
  readonly #queue: Queue;
  readonly #channel: Id;
  readonly #total: number | null;
  readonly #open: Open[] = [];
  #page: { table: Table; row: StoredRow }[] = [];
  #done = 0;

  private constructor(queue: Queue, channel: Id, total: number | null) {
    this.#queue = queue;
    this.#channel = channel;
    this.#total = total;
  }

  /** Is nothing of the channel here, or only what an earlier try left? */
  static async isFirst({ db }: Queue, channel: Id): Promise<boolean> {
    if ((await db.cursor.get(channel))?.snapshot === 'loading') return true;
    return (await db.contentnode.where('channel_id').equals(channel).first()) === undefined;
  }

  static async begin(outer: Queue, channel: Id, total: number | null): Promise<FirstLoad> {
    await transactQueue(outer, async (queue) => {
      const workspace = new Workspace(queue.db);
      await rollback(
        (await pendingOf(queue, channel)).map(({ rev }) => rev),
        workspace,
      );
      await workspace.flush();
      await clearChannel(queue.db, channel);
      await queue.db.cursor.update(channel, { snapshot: 'loading', progress: { done: 0, total } });
    });
    return new FirstLoad(outer, channel, total);
  }

  async add({ table, row }: Line): Promise<void> {
    if (table === 'contentnode') this.#addNode(rowFromRest(table, row) as unknown as StoredNode);
    else this.#page.push({ table, row: rowFromRest(table, row) });
    if (this.#page.length >= PAGE) await this.#write(this.#queue.db);
  }

  #addNode(node: StoredNode): void {
    while (this.#open.length > 0 && this.#open.at(-1)?.node.id !== node.parent_id) this.#close();
    const parent = this.#open.at(-1);
    const order = parent ? generateKeyBetween(parent.last, null) : '';
    if (parent) {
      parent.last = order;
      parent.node.child_count += 1;
    }
    this.#open.push({ node: { ...node, order, child_count: 0 }, last: null });
  }

  #close(): void {
    const closed = this.#open.pop();
    if (closed) this.#page.push({ table: 'contentnode', row: closed.node as unknown as StoredRow });
  }

  async #write(database: ClientDatabase): Promise<void> {
    const page = this.#page;
    this.#page = [];
    this.#done += page.length;
    await transact(database, async (db) => {
      for (const table of new Set(page.map((each) => each.table))) {
        await rowTable(db, table).bulkPut(page.filter((each) => each.table === table).map(({ row }) => row));
      }
      await db.cursor.update(this.#channel, { progress: { done: this.#done, total: this.#total } });
    });
  }

  /** The last page, the channel's own row, the cursor, and what is pending on top: in one transaction. */
  async finish(rev: number, channel: StoredChannel): Promise<void> {
    while (this.#open.length > 0) this.#close();
    await transactQueue(this.#queue, async (queue) => {
      await this.#write(queue.db);
      await queue.db.channel.put(channel);
      await queue.db.cursor.update(this.#channel, { rev, snapshot: null, progress: null, unavailable: false });
      await dropConfirmed(queue, this.#channel, rev);
      await predictAgain(queue, this.#channel);
    });
  }
}
