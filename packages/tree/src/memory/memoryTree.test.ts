import { beforeEach, describe, expect, test } from 'vitest';
import { CHANNEL, id, OTHER, Play } from '../testing/play.ts';
import { MemoryTree } from './memoryTree.ts';

const [a, a1, a2, b] = ['a0', 'a1', 'a2', 'b0'].map(id) as [string, string, string, string];
let play: Play;

beforeEach(() => {
  play = new Play();
  play.topic(a);
  play.topic(a1, a);
  play.topic(a2, a);
  play.topic(b);
});

test('neighbours, children, paths and heights', () => {
  const { tree } = play;
  expect([tree.firstChild(a), tree.lastChild(a), tree.firstChild(b), tree.lastChild(b)]).toEqual([a1, a2, null, null]);
  expect([tree.previousSibling(a), tree.nextSibling(a), tree.nextSibling(b)]).toEqual([null, b, null]);
  expect(tree.path(a2)).toEqual([a2, a, CHANNEL]);
  expect([tree.height(CHANNEL), tree.height(a), tree.height(b)]).toEqual([2, 1, 0]);
  expect(tree.subtree(CHANNEL, new Set([a1, b]))).toEqual([CHANNEL, a, a2]);
  expect(tree.subtree(CHANNEL, new Set([a]))).toEqual([CHANNEL, b]);
});

test('a row that a reader holds stays as it was', () => {
  const held = play.node(a);
  play.must({ type: 'UPDATED', key: a, mods: { title: 'other' } });
  play.must({ type: 'MOVED', key: a, target: b });
  expect([held.title, held.parent_id]).toEqual([a.slice(-4), CHANNEL]);
  expect(play.node(a)).toMatchObject({ title: 'other', parent_id: b });
});

test('counts of what is below, by node and all at once', () => {
  const made = (key: string, more: object): void => {
    play.must({ type: 'CREATED', key, obj: { parent: a1, kind: 'video', title: 'v', ...more } });
  };
  made(id('d0'), {});
  made(id('d1'), { role_visibility: 'coach' });
  play.must({ type: 'CREATED', key: id('d2'), obj: { parent: b, kind: 'topic', title: '', role_visibility: 'coach' } });
  const none = { coach_count: 0, error_count: 0, updated_count: 0, new_count: 0 };
  expect(play.tree.counts(CHANNEL)).toEqual({
    total_count: 7,
    resource_count: 2,
    coach_count: 1,
    error_count: 3,
    updated_count: 0,
    new_count: 2,
  });
  expect(play.tree.counts(b)).toEqual({ ...none, total_count: 1, resource_count: 0, error_count: 1 });
  expect(play.tree.counts(a2)).toEqual({ ...none, total_count: 0, resource_count: 0 });
  const all = play.tree.allCounts(CHANNEL);
  expect([...all.keys()]).toEqual(play.tree.subtree(CHANNEL));
  for (const [key, counts] of all) expect(counts).toEqual(play.tree.counts(key));
});

test('a published resource that changes is updated, not new', () => {
  play.must({
    type: 'CREATED',
    key: id('d0'),
    obj: {
      parent: a1,
      kind: 'exercise',
      title: 'e',
      license: 1,
      copyright_holder: 'h',
      extra_fields: { mastery_model: 'do_all' },
    },
  });
  play.must({ type: 'CREATED', table: 'assessmentitem', key: id('d1'), obj: { contentnode: id('d0'), raw_data: 'x' } });
  play.must({ type: 'PUBLISHED', table: 'channel', key: CHANNEL });
  expect(play.tree.counts(CHANNEL)).toMatchObject({ updated_count: 0, new_count: 0 });
  play.must({ type: 'UPDATED', key: id('d0'), mods: { title: 'f' } });
  expect(play.tree.counts(CHANNEL)).toMatchObject({ updated_count: 1, new_count: 0 });
});

describe('availability', () => {
  const of = (key: string, table: 'contentnode' | 'file' | 'channel' = 'contentnode', channel = CHANNEL): string =>
    play.tree.availability(table, key, channel);

  test('what exists is taken in every table and channel', () => {
    expect([of(a), of(a, 'file'), of(a, 'channel', a), of(OTHER), of(id('ff'))]).toEqual([
      'taken',
      'taken',
      'taken',
      'taken',
      'free',
    ]);
  });

  test('what was deleted, its descendants too, may come back where it was and nowhere else', () => {
    play.must({ type: 'DELETED', key: a });
    expect([of(a1), of(a1, 'file'), of(a1, 'channel', a1), of(a1, 'contentnode', OTHER)]).toEqual([
      'free',
      'reserved',
      'reserved',
      'reserved',
    ]);
  });

  test('the id of a channel never comes back', () => {
    play.must({ type: 'DELETED', table: 'channel', key: CHANNEL });
    expect([of(CHANNEL), of(CHANNEL, 'channel', CHANNEL)]).toEqual(['reserved', 'reserved']);
  });
});

test('the rows of a snapshot make the same tree, and those of a subtree are its own', () => {
  play.must({ type: 'CREATED', table: 'contentnode_prerequisite', key: [a1, b], obj: {} });
  play.must({ type: 'CREATED', table: 'assessmentitem', key: id('d0'), obj: { contentnode: a2 } });
  const loaded = new MemoryTree();
  for (const row of play.tree.rows(CHANNEL)) loaded.load(row);
  expect([...loaded.rows(CHANNEL)]).toEqual([...play.tree.rows(CHANNEL)]);
  expect([...loaded.channels()].map((row) => row.id)).toEqual([CHANNEL]);
  const under = [...loaded.rows(CHANNEL, a)].map(({ table, row }) => [table, 'id' in row ? row.id : row.target_node]);
  expect(under).toEqual([
    ['contentnode', a],
    ['contentnode', a1],
    ['contentnode', a2],
    ['assessmentitem', id('d0')],
    ['contentnode_prerequisite', a1],
  ]);
});

test('what cannot be is a bug and throws', () => {
  const { tree } = play;
  const move =
    (key: string, parent: string, after: string | null): (() => void) =>
    () =>
      tree.apply([{ effect: 'move', id: key, parent, after }]);
  expect(move(a, a1, null)).toThrow('cannot be put below itself');
  expect(move(a, CHANNEL, a)).toThrow('cannot follow itself');
  expect(move(a, b, a1)).toThrow('is no child of');
  expect(move(CHANNEL, id('ff'), null)).toThrow('there is no node');
  expect(() => tree.apply([{ effect: 'insert', row: play.node(a), after: null }])).toThrow('exists already');
  expect(() => tree.apply([{ effect: 'patch', table: 'file', key: a, fields: {} }])).toThrow('to patch');
  expect(() => tree.firstChild(id('ff'))).toThrow('there is no node');
});
