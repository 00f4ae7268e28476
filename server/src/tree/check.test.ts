import type { Database } from 'better-sqlite3';
import { beforeEach, expect, test } from 'vitest';
import { NodeBatch } from './batch.ts';
import { checkTree } from './check.ts';
import { rebuildLabels } from './rebuild.ts';
import { testChannels, testDatabase, testId, testRow, transaction } from './testing/database.ts';

const [ROOT, TOPIC, LEAF, LAST] = [testId(1), testId(10), testId(11), testId(12)];
let db: Database;

beforeEach(async () => {
  db = await testDatabase(2);
  transaction(db, () => {
    const batch = new NodeBatch(db, testChannels);
    batch.insert(testRow(ROOT, ROOT, null), null, 1);
    batch.insert(testRow(TOPIC, ROOT, ROOT), null, 1);
    batch.insert(testRow(LEAF, ROOT, TOPIC, { kind: 'video', role_visibility: 'coach' }), null, 1);
    batch.insert(testRow(LAST, ROOT, ROOT), TOPIC, 1);
    batch.flush();
  });
  return () => db.close();
});

test('a tree that only batches wrote is without violations', () => {
  expect(checkTree(db)).toEqual([]);
});

const LFT = (id: string): string => `(SELECT lft FROM node WHERE id = '${id}')`;

test.each([
  ['label_range', `PRAGMA ignore_check_constraints = 1; UPDATE node SET rgt = lft - 1 WHERE id = '${LEAF}'`, LEAF],
  ['label_unique', `UPDATE node SET lft = ${LFT(TOPIC)} WHERE id = '${LEAF}'`, TOPIC],
  ['nesting', `UPDATE node SET lft = ${LFT(LAST)} + 1, rgt = ${LFT(LAST)} + 2 WHERE id = '${LEAF}'`, LEAF],
  ['nesting', `UPDATE node SET depth = 5 WHERE id = '${LEAF}'`, LEAF],
  ['nesting', `UPDATE node SET channel = 2 WHERE id = '${LEAF}'`, LEAF],
  ['nesting', `UPDATE node SET parent = 999 WHERE id = '${LEAF}'`, LEAF],
  ['siblings', `UPDATE node SET lft = ${LFT(TOPIC)} + 1 WHERE id = '${LAST}'`, LAST],
  ['root', `UPDATE node SET parent = NULL WHERE id = '${LAST}'`, ROOT],
  ['root', `UPDATE node SET depth = 1 WHERE id = '${ROOT}'`, ROOT],
  ['root', `UPDATE node SET channel = 77 WHERE id = '${LAST}'`, LAST],
  ['counts', `UPDATE node SET total_count = 7 WHERE id = '${TOPIC}'`, TOPIC],
  ['counts', `UPDATE node SET resource_count = 0 WHERE id = '${TOPIC}'`, TOPIC],
  ['counts', `UPDATE node SET coach_count = 0 WHERE id = '${ROOT}'`, ROOT],
  ['counts', `UPDATE node SET complete = 0 WHERE id = '${LEAF}'`, TOPIC],
  ['counts', `UPDATE node SET updated_count = 1 WHERE id = '${TOPIC}'`, TOPIC],
  ['counts', `UPDATE node SET changed = 0 WHERE id = '${LEAF}'`, TOPIC],
  ['item_count', `UPDATE node SET item_count = 1 WHERE id = '${LEAF}'`, LEAF],
  ['coach', `UPDATE node SET fields = '{}' WHERE id = '${LEAF}'`, LEAF],
])('finds what breaks %s by %s', (rule, damage, id) => {
  db.exec(damage);
  expect(checkTree(db)).toContainEqual({ rule, id, message: expect.any(String) as string });
});

test('labels and depths are rebuilt from parents and the order among siblings', () => {
  const order = db.prepare('SELECT id FROM node ORDER BY lft').pluck().all();
  db.exec(`UPDATE node SET rgt = lft + 1, depth = 9`);
  expect(checkTree(db)).not.toEqual([]);
  expect(transaction(db, () => rebuildLabels(db, 1))).toBe(4);
  expect(checkTree(db)).toEqual([]);
  expect(db.prepare('SELECT id FROM node ORDER BY lft').pluck().all()).toEqual(order);
});

test('a channel whose parents make no tree is not rebuilt', () => {
  const rebuild = (damage: string) => (): number => {
    db.exec(damage);
    return transaction(db, () => rebuildLabels(db, 1));
  };
  expect(rebuild(`UPDATE node SET parent = pk WHERE id = '${LAST}'`)).toThrow('1 nodes of the channel do not hang');
  expect(rebuild(`UPDATE node SET parent = 999 WHERE id = '${LAST}'`)).toThrow('parent in another channel');
  expect(rebuild(`UPDATE node SET parent = NULL WHERE id = '${LAST}'`)).toThrow('2 roots');
});
