import type { Id, Kind, NodeRow } from '@cambium/protocol';
import type { Database } from 'better-sqlite3';
import { expect, test } from 'vitest';
import { type NodeRecord, nodeRow } from '../database/record.ts';
import { NodeBatch } from './batch.ts';
import { checkTree } from './check.ts';
import { randomOf, testChannels, testDatabase, testId, testRow, transaction } from './testing/database.ts';
import { describe, NaiveTree } from './testing/naiveTree.ts';

/** Batches a run; FUZZ_ROUNDS=12000 is some 110,000 operations. */
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 1000);
const CHANNELS = [testId(1), testId(2)];
/** Trees stop growing here: 13 bits have room for 4,000 nodes. */
const MANY = 600;
const KINDS: Kind[] = ['topic', 'topic', 'video', 'exercise'];

class Fuzz {
  readonly db: Database;
  readonly random: (limit: number) => number;
  readonly bits: number;
  tree = new NaiveTree();
  ops = 0;
  relabels = 0;
  #last = 100;
  /** What the last operation was about. */
  #subject: Id = CHANNELS[0] as Id;
  #removed: Id[] = [];

  constructor(db: Database, seed: number, bits: number) {
    this.db = db;
    this.random = randomOf(seed);
    this.bits = bits;
  }

  begin(): NodeBatch {
    return new NodeBatch(this.db, testChannels, { bits: this.bits });
  }

  plant(): void {
    transaction(this.db, () => {
      const batch = this.begin();
      for (const channel of CHANNELS) this.#insert(batch, testRow(channel, channel, null), null);
      batch.flush();
    });
  }

  round(number: number): void {
    transaction(this.db, () => {
      const batch = this.begin();
      const size = 1 + this.random(number % 5 === 0 ? 40 : 5);
      if (this.chance(30)) {
        const [named, leaving, growing] = [1, 2, 3].map(() => Array.from({ length: size }, () => this.any()));
        batch.prefetch({ named: [...named!, ...leaving!, ...growing!], leaving: leaving!, growing: growing! });
      }
      for (let i = 0; i < size; i += 1) {
        if (this.chance(12)) this.undone(batch);
        else this.operate(batch);
        if (this.chance(25)) this.compareReads(batch, this.subject());
        if (this.chance(1)) this.relabels += batch.flush().relabels;
      }
      this.relabels += batch.flush().relabels;
    });
  }

  /** Operations in a group that fails: as though they never were. */
  undone(batch: NodeBatch): void {
    const before = this.tree.copy();
    const mark = batch.mark();
    for (let i = this.random(6); i >= 0; i -= 1) {
      if (this.chance(20)) {
        const inner = this.tree.copy();
        const innerMark = batch.mark();
        for (let j = this.random(4); j >= 0; j -= 1) this.operate(batch);
        batch.rollback(innerMark);
        this.tree = inner;
      } else {
        this.operate(batch);
      }
      if (this.chance(20)) this.compareReads(batch, this.subject());
    }
    batch.rollback(mark);
    this.tree = before;
    this.compareReads(batch, this.subject());
  }

  operate(batch: NodeBatch): void {
    this.ops += 1;
    const dice = this.random(100);
    if (dice < 40 || this.tree.nodes.size < 20) {
      if (this.tree.nodes.size < MANY) this.insertSome(batch);
    } else if (dice < 70) this.moveSome(batch);
    else if (dice < 78) this.removeSome(batch);
    else if (dice < 95) this.patchSome(batch);
    else if (dice < 97) this.setItems(batch);
    else {
      const channel = CHANNELS[this.random(2)] as Id;
      batch.publish(channel);
      this.tree.publish(channel);
    }
  }

  insertSome(batch: NodeBatch): void {
    // Often close to the last one: that is where labels grow dense.
    const near = this.chance(40) ? testId(this.#last) : this.any();
    const parent = this.tree.nodes.has(near) ? (this.tree.get(near).row.parent_id ?? near) : this.any();
    const again = this.chance(10) ? this.#removed.pop() : undefined;
    const id = again && !this.tree.nodes.has(again) ? again : testId((this.#last += 1));
    const row = testRow(id, this.tree.get(parent).row.channel_id, parent, {
      kind: KINDS[this.random(KINDS.length)] as Kind,
      ...this.someFields(),
    });
    this.#insert(batch, row, this.place(parent, near));
  }

  #insert(batch: NodeBatch, row: NodeRow, after: Id | null): void {
    this.#subject = row.id;
    const rev = this.random(1000);
    batch.insert(row, after, rev);
    this.tree.insert(row, after, rev);
  }

  moveSome(batch: NodeBatch): void {
    const id = this.any();
    const within = this.tree.get(id).row.parent_id;
    if (within === null) return;
    const parent = this.chance(50) ? within : this.any();
    const isElsewhere = this.tree.get(parent).row.channel_id !== this.tree.get(id).row.channel_id;
    if (isElsewhere || this.tree.path(parent).includes(id)) return;
    const after = this.place(parent, this.any());
    if (after === id) return;
    this.#subject = id;
    if (this.chance(50)) batch.move(id, parent, after);
    else {
      const rev = this.random(1000);
      batch.move(id, parent, after, rev);
      this.tree.patch(id, {}, rev);
    }
    this.tree.move(id, parent, after);
  }

  removeSome(batch: NodeBatch): void {
    const id = this.any();
    if (this.tree.get(id).row.parent_id === null || this.tree.subtree(id).length > 40) return;
    const gone = this.tree.remove(id);
    expect(batch.remove(id).map((ref) => ref.id)).toEqual(gone);
    this.#removed.push(...gone);
  }

  patchSome(batch: NodeBatch): void {
    const id = this.subject();
    this.#subject = id;
    const fields = this.someFields();
    const rev = this.random(1000);
    batch.patch(id, fields, rev);
    this.tree.patch(id, fields, rev);
  }

  setItems(batch: NodeBatch): void {
    const id = this.any();
    const count = this.random(3);
    batch.setItemCount(id, count);
    this.tree.get(id).items = count;
  }

  someFields(): Partial<NodeRow> {
    const fields: Partial<NodeRow> = {};
    if (this.chance(50)) fields.complete = this.chance(70);
    if (this.chance(50)) fields.changed = this.chance(70);
    if (this.chance(20)) fields.published = this.chance(50);
    if (this.chance(20)) fields.title = `title ${this.random(100)}`;
    if (this.chance(20)) fields.role_visibility = this.chance(50) ? 'coach' : 'learner';
    if (this.chance(10)) fields.description = `words${this.random(100)}`;
    if (this.chance(30)) fields.modified = new Date(this.random(1e9)).toISOString();
    return fields;
  }

  compareReads(batch: NodeBatch, id: Id): void {
    const { row, rev, children } = this.tree.get(id);
    expect(batch.row(id)).toEqual(row);
    expect(batch.revOf(id)).toBe(rev);
    expect(batch.channelOf(id)).toBe(row.channel_id);
    expect(batch.path(id)).toEqual(this.tree.path(id));
    expect(batch.firstChild(id)).toBe(children[0]?.row.id ?? null);
    expect(batch.lastChild(id)).toBe(children.at(-1)?.row.id ?? null);
    expect(batch.childCount(id)).toBe(children.length);
    const siblings = this.tree.siblings(id).map((node) => node.row.id);
    expect(batch.previousSibling(id)).toBe(siblings[siblings.indexOf(id) - 1] ?? null);
    expect(batch.nextSibling(id)).toBe(siblings[siblings.indexOf(id) + 1] ?? null);
    expect(batch.height(id)).toBe(this.tree.height(id));
    expect(batch.subtree(id)).toEqual(this.tree.subtree(id));
    const without = new Set([this.any(), this.any(), this.any()]);
    expect(batch.subtree(id, without)).toEqual(this.tree.subtree(id, without));
    expect(batch.row(testId(this.#last + 1))).toBeUndefined();
  }

  /** A sibling to follow among the children of `parent`: often `near`, or the first or last place. */
  place(parent: Id, near: Id): Id | null {
    const children = this.tree.get(parent).children.map((node) => node.row.id);
    if (children.includes(near) && this.chance(60)) return near;
    if (this.chance(30)) return children.at(-1) ?? null;
    return [null, ...children][this.random(children.length + 1)] ?? null;
  }

  chance(percent: number): boolean {
    return this.random(100) < percent;
  }

  /** Often the node that was just changed: that is where caches could be stale. */
  subject(): Id {
    return this.chance(60) && this.tree.nodes.has(this.#subject) ? this.#subject : this.any();
  }

  any(): Id {
    const ids = [...this.tree.nodes.keys()];
    return ids[this.random(ids.length)] as Id;
  }

  stored(): string[] {
    const records = this.db.prepare<[], NodeRecord>('SELECT * FROM node ORDER BY channel, lft').all();
    const ids = new Map(records.map((record) => [record.pk, record.id]));
    return records.map((record) => {
      const parent = record.parent === null ? null : (ids.get(record.parent) as Id);
      const counts = [record.total_count, record.resource_count, record.coach_count];
      counts.push(record.error_count, record.updated_count, record.new_count);
      const row = nodeRow(record, parent, testId(record.channel));
      return describe(row, record.rev, record.item_count, record.depth, counts);
    });
  }

  expectEqual(): void {
    expect(this.stored()).toEqual(CHANNELS.flatMap((channel) => this.tree.lines(channel)));
    // Items are counted by the caller, who has no rows of them here.
    expect(checkTree(this.db).filter(({ rule }) => rule !== 'item_count')).toEqual([]);
  }
}

test.each([13, 53])(
  'random batches leave the tree that arrays of children would hold, with labels of %i bits',
  { timeout: 60_000 + ROUNDS * 200 },
  async (bits) => {
    const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`FUZZ_SEED=${seed} at ${bits} bits`); // oxlint-disable-line no-console -- to run a failure again
    const fuzz = new Fuzz(await testDatabase(2), seed, bits);
    fuzz.plant();
    for (let round = 0; round < ROUNDS; round += 1) {
      fuzz.round(round);
      fuzz.expectEqual();
    }
    expect(fuzz.ops).toBeGreaterThan(ROUNDS);
    if (bits === 13) expect(fuzz.relabels).toBeGreaterThan(ROUNDS / 20);
    console.log(`${fuzz.ops} operations, ${fuzz.tree.nodes.size} nodes, ${fuzz.relabels} relabels`); // oxlint-disable-line no-console -- how much of it met a full gap
    fuzz.db.close();
  },
);
