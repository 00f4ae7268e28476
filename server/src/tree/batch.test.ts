import type { Id } from '@cambium/protocol';
import type { Database } from 'better-sqlite3';
import { beforeEach, expect, test } from 'vitest';
import { NodeBatch } from './batch.ts';
import { checkTree } from './check.ts';
import type { FlushStats } from './flush.ts';
import { testChannels, testDatabase, testId, testRow, transaction } from './testing/database.ts';

const CHANNEL = testId(1);
let db: Database;
let last: number;

beforeEach(async () => {
  db = await testDatabase(2);
  last = 100;
  run((batch) => batch.insert(testRow(CHANNEL, CHANNEL, null), null, 1));
  return () => db.close();
});

function run(work: (batch: NodeBatch) => void): FlushStats {
  const stats = transaction(db, () => {
    const batch = new NodeBatch(db, testChannels);
    work(batch);
    return batch.flush();
  });
  expect(checkTree(db)).toEqual([]);
  return stats;
}

function rows({ inserted, updated, deleted }: FlushStats): number {
  return inserted + updated + deleted;
}

function append(batch: NodeBatch, parent: Id, kind: 'topic' | 'video' = 'topic'): Id {
  const id = testId((last += 1));
  batch.insert(testRow(id, CHANNEL, parent, { kind }), batch.lastChild(parent), 1);
  return id;
}

/** A topic with so many leaves. */
function plant(leaves: number, parent = CHANNEL): Id {
  let topic = '';
  run((batch) => {
    topic = append(batch, parent);
    for (let i = 0; i < leaves; i += 1) append(batch, topic, 'video');
  });
  return topic;
}

function order(): Id[] {
  return db.prepare<[], Id>('SELECT id FROM node WHERE channel = 1 ORDER BY lft').pluck().all();
}

function column(name: string, id: Id): unknown {
  return db.prepare<[Id], unknown>(`SELECT ${name} FROM node WHERE id = ?`).pluck().get(id);
}

test('an insert writes its own row and those of the ancestors whose counts change', () => {
  const deep = plant(3, plant(3, plant(3)));
  expect(rows(run((batch) => append(batch, deep, 'video')))).toBe(1 + 4);
});

test('a leaf that moves writes its own row and those of the ancestors whose counts change', () => {
  const [from, to] = [plant(5), plant(5)];
  expect(
    rows(
      run((batch) => {
        const leaf = batch.firstChild(from) as Id;
        batch.move(leaf, to, null, 2);
        batch.patch(leaf, { changed: true }, 2);
      }),
    ),
  ).toBe(1 + 2);
});

test('reordering a leaf writes one row', () => {
  const topic = plant(5);
  expect(rows(run((batch) => batch.move(batch.firstChild(topic) as Id, topic, batch.lastChild(topic))))).toBe(1);
});

test('a large block that passes a few siblings leaves its labels alone, in either direction', () => {
  const [big, small] = [plant(200), plant(3)];
  const before = order();
  expect(rows(run((batch) => batch.move(big, CHANNEL, small)))).toBe(4);
  expect(order().slice(1, 5)).toEqual(before.slice(202));
  expect(rows(run((batch) => batch.move(big, CHANNEL, null)))).toBe(4);
  expect(order()).toEqual(before);
});

test('blocks that pass each other in one batch keep the order asked for', () => {
  const [a, b, c] = [plant(20), plant(30), plant(5)];
  run((batch) => {
    batch.move(a, CHANNEL, c);
    batch.move(b, CHANNEL, null);
    batch.move(c, CHANNEL, null);
    batch.move(batch.firstChild(a) as Id, a, batch.lastChild(a));
  });
  expect(order().filter((id) => [a, b, c].includes(id))).toEqual([c, b, a]);
});

test.each([true, false])('two blocks that passed a larger one keep their order (to its right: %s)', (right) => {
  const [a, b, large, c, d] = [plant(2), plant(2), plant(50), plant(2), plant(2)];
  const { relabels } = run((batch) => {
    // The block that ends up farther off moves first: when it is looked at, its neighbour's labels are out of date.
    batch.move(right ? b : c, CHANNEL, right ? large : b);
    batch.move(right ? a : d, CHANNEL, right ? large : c);
  });
  expect(relabels).toBe(0);
  expect(order().filter((id) => [a, b, large, c, d].includes(id))).toEqual(
    right ? [large, a, b, c, d] : [a, b, c, d, large],
  );
});

test('next to itself a node keeps its place and its row', () => {
  const topic = plant(3);
  const leaf = order()[3] as Id;
  expect(rows(run((batch) => batch.move(leaf, topic, batch.previousSibling(leaf))))).toBe(0);
});

test('a removed block goes in one statement, and its id may be made again in the same batch', () => {
  const topic = plant(50);
  const stats = run((batch) => {
    const gone = batch.remove(topic);
    expect(gone).toHaveLength(51);
    expect(gone[0]).toEqual({ pk: expect.any(Number) as number, id: topic, channel: 1 });
    expect(batch.row(gone[7]?.id as Id)).toBeUndefined();
    expect(batch.firstChild(CHANNEL)).toBeNull();
    batch.insert(testRow(topic, CHANNEL, CHANNEL, { title: 'again' }), null, 7);
  });
  expect(stats).toMatchObject({ deleted: 51, inserted: 1 });
  expect(order()).toEqual([CHANNEL, topic]);
  expect(column('title', topic)).toBe('again');
});

test('a block that something moved out of is removed without it, and with what moved in', () => {
  const [kept, gone] = [plant(2), plant(4)];
  const [saved, lost] = [order()[5] as Id, order()[2] as Id];
  run((batch) => {
    batch.move(saved, kept, null);
    batch.move(lost, gone, batch.firstChild(gone));
    expect(batch.remove(gone).map(({ id }) => id)).toContain(lost);
  });
  expect(order()).toEqual([CHANNEL, kept, saved, expect.any(String)]);
});

test('a removed channel is found no more, unless the removal is rolled back', () => {
  const other = testId(2);
  const topic = plant(3);
  const before = db.prepare('SELECT count(*) FROM node').pluck().get();
  run((batch) => {
    batch.insert(testRow(other, other, null), null, 1);
    const mark = batch.mark();
    append(batch, topic);
    batch.removeChannel(CHANNEL);
    expect(batch.row(topic)).toBeUndefined();
    batch.rollback(mark);
    expect(batch.row(topic)).toBeDefined();
    batch.removeChannel(CHANNEL);
  });
  // What was stored is left to who takes it out at leisure; nothing of the batch is added to it.
  expect(db.prepare('SELECT count(*) FROM node WHERE channel <> 2').pluck().get()).toBe(before);
  expect(db.prepare('SELECT id FROM node WHERE channel = 2').pluck().all()).toEqual([other]);
});

test('publishing changes complete nodes, loaded or not, and can be rolled back', () => {
  const topic = plant(3);
  const [, , loaded, incomplete, unloaded] = order() as [Id, Id, Id, Id, Id];
  run((batch) => {
    batch.patch(incomplete, { complete: false });
    const mark = batch.mark();
    expect(batch.row(loaded)?.published).toBe(false);
    batch.publish(CHANNEL);
    expect(batch.row(loaded)?.published).toBe(true);
    expect(batch.row(unloaded)?.published).toBe(true);
    expect(batch.row(incomplete)?.published).toBe(false);
    batch.rollback(mark);
    expect(batch.row(loaded)?.published).toBe(false);
    expect(batch.row(unloaded)?.published).toBe(false);
    batch.publish(CHANNEL);
    batch.patch(loaded, { changed: true });
  });
  const flags = [loaded, incomplete, unloaded].map((id) => [column('published', id), column('changed', id)]);
  expect(flags).toEqual([
    [1, 1],
    [0, 1],
    [1, 0],
  ]);
  expect([column('updated_count', topic), column('new_count', topic), column('error_count', topic)]).toEqual([1, 1, 1]);
});

test('what was removed before a publication is out of the counts', () => {
  const topic = plant(3);
  const leaf = order()[2] as Id;
  run((batch) => {
    batch.patch(leaf, { changed: true });
    batch.remove(leaf);
    batch.publish(CHANNEL);
  });
  expect([column('total_count', topic), column('new_count', topic)]).toEqual([2, 0]);
});

test('a patch of columns alone leaves the JSON of the other fields as it is stored', () => {
  const topic = plant(0);
  const odd = '{"description":"kept", "author":"as it is"}';
  db.prepare('UPDATE node SET fields = ? WHERE id = ?').run(odd, topic);
  run((batch) => {
    batch.patch(topic, { title: 'new' }, 9);
    expect(batch.row(topic)).toMatchObject({ title: 'new', description: 'kept' });
  });
  expect([column('fields', topic), column('title', topic), column('rev', topic)]).toEqual([odd, 'new', 9]);
});

test('a mark is worthless after a flush', () => {
  run((batch) => {
    const mark = batch.mark();
    append(batch, CHANNEL);
    batch.flush();
    expect(() => batch.rollback(mark)).toThrow('no longer good');
  });
});

test('what the reducer would refuse is a bug here', () => {
  const topic = plant(2);
  const leaf = order()[2] as Id;
  const other = testId(2);
  run((batch) => {
    batch.insert(testRow(other, other, null), null, 1);
    expect(() => batch.move(topic, topic, null)).toThrow('into itself');
    expect(() => batch.move(topic, leaf, null)).toThrow('into itself');
    expect(() => batch.move(topic, other, null)).toThrow('another channel');
    expect(() => batch.move(CHANNEL, CHANNEL, null)).toThrow('into itself');
    expect(() => batch.move(topic, CHANNEL, leaf)).toThrow('no child');
    expect(() => batch.move(topic, CHANNEL, topic)).toThrow('behind itself');
    expect(() => batch.patch(topic, { parent_id: leaf })).toThrow('parent_id');
    expect(() => batch.patch(testId(99), {})).toThrow('does not exist');
    batch.row(topic);
    expect(() => batch.insert(testRow(topic, CHANNEL, CHANNEL), null, 1)).toThrow('exists already');
    expect(() => batch.insert(testRow(testId(98), CHANNEL, null), null, 1)).toThrow('does not belong');
  });
  expect(order()).toHaveLength(4);
});
