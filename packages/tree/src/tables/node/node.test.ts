import { LIMITS } from '@cambium/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { applyChange } from '../../applyChange.ts';
import { MemoryTree } from '../../memory/memoryTree.ts';
import { CHANNEL, id, OTHER, Play } from '../../testing/play.ts';

const [a, a1, a2, b, gone, elsewhere] = ['a0', 'a1', 'a2', 'b0', 'd0', 'e0'].map(id) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
let play: Play;

beforeEach(() => {
  play = new Play();
  play.topic(a);
  play.topic(a1, a);
  play.topic(a2, a1);
  play.topic(b);
  play.topic(gone);
  play.must({ type: 'DELETED', key: gone });
  play.topic(elsewhere, OTHER, { channel_id: OTHER });
});

describe('refusals', () => {
  const moved = (key: string, target: string, position?: string): object => ({ type: 'MOVED', key, target, position });
  const created = (target: string, position: string, key = id('f0')): object => ({
    type: 'CREATED',
    key,
    target,
    position,
    obj: { kind: 'topic', title: 'n' },
  });
  const copied = (from_key: string, target: string, more: object = {}): object => ({
    type: 'COPIED',
    key: id('f0'),
    from_key,
    target,
    ...more,
  });
  const cases: [string, object, string][] = [
    ['MOVED of nothing', moved(id('ff'), a), 'not_found key'],
    ['MOVED to nothing', moved(b, id('ff')), 'not_found target'],
    ['MOVED to what was deleted', moved(b, gone), 'not_found target'],
    ['MOVED under itself', moved(a, a), 'cycle target'],
    ['MOVED first of itself', moved(a, a, 'first-child'), 'cycle target'],
    ['MOVED under a descendant', moved(a, a2), 'cycle target'],
    ['MOVED left of a child', moved(a, a1, 'left'), 'cycle target'],
    ['MOVED right of a grandchild', moved(a, a2, 'right'), 'cycle target'],
    ['MOVED of the root', moved(CHANNEL, a), 'root key'],
    ['MOVED beside the root', moved(b, CHANNEL, 'left'), 'root target'],
    ['MOVED to another channel', moved(b, OTHER), 'cross_channel target'],
    ['MOVED beside a node of another channel', moved(b, elsewhere, 'right'), 'cross_channel target'],
    ['MOVED of a node of another channel', moved(elsewhere, a), 'cross_channel key'],
    ['CREATED of a taken id', created(a, 'left', b), 'already_exists key'],
    ['CREATED of an id of another channel', created(a, 'left', elsewhere), 'already_exists key'],
    ['CREATED of the id of a channel', created(a, 'left', OTHER), 'already_exists key'],
    ['CREATED beside the root', created(CHANNEL, 'right'), 'root target'],
    ['CREATED beside nothing', created(id('ff'), 'left'), 'not_found target'],
    ['COPIED of nothing', copied(id('ff'), a), 'not_found from_key'],
    ['COPIED to nothing', copied(a, id('ff')), 'not_found target'],
    ['COPIED to a taken id', { ...copied(a, b), key: b }, 'already_exists key'],
    ['COPIED to its own id', { ...copied(a, b), key: a }, 'already_exists key'],
    ['COPIED beside the root', copied(a, CHANNEL, { position: 'left' }), 'root target'],
    ['COPIED without itself', copied(a, b, { excluded_descendants: [a] }), 'invalid_value excluded_descendants'],
    ['DELETED of the root', { type: 'DELETED', key: CHANNEL }, 'root key'],
    ['DELETED in another channel', { type: 'DELETED', key: elsewhere }, 'cross_channel key'],
    ['UPDATED of nothing', { type: 'UPDATED', key: id('ff'), mods: {} }, 'not_found key'],
    ['UPDATED of what was deleted', { type: 'UPDATED', key: gone, mods: {} }, 'not_found key'],
    [
      'UPDATED to criteria that its kind cannot have',
      { type: 'UPDATED', key: a, mods: { 'extra_fields.options.completion_criteria': { model: 'pages' } } },
      'invalid_value extra_fields.options.completion_criteria.model',
    ],
    [
      'UPDATED to a row that is too large',
      { type: 'UPDATED', key: a, mods: { description: 'x'.repeat(LIMITS.row) } },
      'too_large',
    ],
    ['PUBLISHED of a node', { type: 'PUBLISHED', key: a }, 'unknown_type type'],
    ['an unknown table', { type: 'DELETED', table: 'user', key: a }, 'unknown_table table'],
  ];
  for (const [name, change, want] of cases) {
    test(`${name}: ${want}`, () => {
      const before = [...play.tree.rows(CHANNEL)];
      expect(play.refusal(change)).toBe(want);
      expect([...play.tree.rows(CHANNEL)]).toEqual(before);
    });
  }

  test('what the author may not view does not exist for him', () => {
    const blind = new Play(new MemoryTree((channel) => channel === CHANNEL));
    blind.topic(a);
    blind.topic(elsewhere, OTHER, { channel_id: OTHER });
    expect(blind.refusal(moved(a, elsewhere))).toBe('not_found target');
    expect(blind.refusal(moved(elsewhere, a))).toBe('not_found key');
    expect(blind.refusal(copied(elsewhere, a))).toBe('not_found from_key');
    expect(blind.refusal({ type: 'DELETED', key: elsewhere })).toBe('applied');
    expect(blind.row(elsewhere)?.id).toBe(elsewhere);
  });

  test('a node gets 250 levels deep and no deeper, by CREATED, MOVED or COPIED', () => {
    let parent = a2;
    for (let depth = 4; depth <= LIMITS.depth; depth += 1) parent = play.topic(id(`ee${depth}`), parent);
    expect(play.tree.path(parent).length - 1).toBe(LIMITS.depth);
    expect(play.refusal(created(parent, 'last-child'))).toBe('too_deep target');
    expect(play.refusal(moved(b, parent))).toBe('too_deep target');
    expect(play.refusal(copied(b, parent))).toBe('too_deep target');
    const above = play.node(parent).parent_id as string;
    play.topic(id('b1'), b);
    expect(play.refusal(moved(b, above))).toBe('too_deep target');
    expect(play.refusal(copied(b, above))).toBe('too_deep target');
    expect(play.refusal(copied(b, above, { excluded_descendants: [id('b1')] }))).toBe('applied');
    expect(play.refusal(moved(id('b1'), above))).toBe('applied');
    expect(play.refusal(moved(a1, CHANNEL))).toBe('applied');
    expect(play.refusal(moved(a1, a))).toBe('applied');
    expect(play.refusal(moved(a1, b))).toBe('applied');
    expect(play.refusal(moved(b, a))).toBe('too_deep target');
  });

  test('a topic that is full takes no more, but its children may change places', () => {
    class Full extends MemoryTree {
      override childCount(key: string): number {
        return key === a ? LIMITS.children : super.childCount(key);
      }
    }
    const full = new Play(new Full());
    for (const key of [a, b]) full.topic(key);
    expect(full.refusal(created(a, 'last-child'))).toBe('too_many_children target');
    expect(full.refusal(moved(b, a))).toBe('too_many_children target');
    expect(full.refusal(copied(b, a))).toBe('too_many_children target');
    expect(full.refusal(moved(b, a, 'left'))).toBe('applied');
  });

  test('a copy has at most 100,000 nodes', () => {
    class Large extends MemoryTree {
      override subtree(): string[] {
        return Array.from({ length: LIMITS.copy + 1 }, () => a);
      }
    }
    const large = new Play(new Large());
    large.topic(a);
    expect(large.refusal(copied(a, CHANNEL))).toBe('too_large from_key');
  });
});

describe('places', () => {
  const order = (): string[] => play.tree.children(CHANNEL);

  test('beside itself and to where it is: applied, nothing changes', () => {
    const before = [...play.tree.rows(CHANNEL)];
    for (const change of [
      { key: a, target: a, position: 'left' },
      { key: a, target: a, position: 'right' },
      { key: a, target: a, position: 'right', parent: id('ff') },
      { key: a, target: CHANNEL, position: 'first-child' },
      { key: b, target: CHANNEL },
      { key: a, target: b, position: 'left' },
      { key: b, target: a, position: 'right' },
    ]) {
      const [entry] = play.must({ type: 'MOVED', ...change });
      expect([entry?.parent, entry?.after]).toEqual([CHANNEL, change.key === a ? null : a]);
      expect([...play.tree.rows(CHANNEL)]).toEqual(before);
    }
  });

  test('a target that is gone: last in the parent that the author saw, and said so', () => {
    const outcome = play.send({ type: 'MOVED', key: a1, target: gone, position: 'left', parent: CHANNEL });
    expect(outcome).toMatchObject({ ok: true, adjusted: ['position'] });
    expect(order()).toEqual([a, b, a1]);
  });

  test('a target that is elsewhere by now: last in the parent that the author saw', () => {
    const outcome = play.send({ type: 'COPIED', key: id('f0'), from_key: b, target: a1, position: 'left', parent: b });
    expect(outcome).toMatchObject({ ok: true, adjusted: ['position'], entries: [{ parent: b, after: null }] });
  });

  test('of a new node the parent in obj is where the author saw the target', () => {
    const obj = { parent: a, kind: 'topic', title: 'n' };
    const outcome = play.send({ type: 'CREATED', key: id('f0'), target: gone, position: 'right', obj });
    expect(outcome).toMatchObject({ ok: true, adjusted: ['position'], entries: [{ parent: a, after: a1 }] });
    const there = play.send({ type: 'CREATED', key: id('f1'), target: a1, position: 'left', obj });
    expect(there).not.toHaveProperty('adjusted');
    expect(play.tree.children(a)).toEqual([id('f1'), a1, id('f0')]);
  });

  test('a parent that is gone as well, or in another channel, is no place', () => {
    const moved = { type: 'MOVED', key: b, target: gone, position: 'left' };
    expect(play.refusal({ ...moved, parent: gone })).toBe('not_found parent');
    expect(play.refusal({ ...moved, parent: OTHER })).toBe('cross_channel parent');
    expect(play.refusal({ type: 'MOVED', key: a, target: gone, position: 'left', parent: a2 })).toBe('cycle target');
  });
});

describe('entries', () => {
  test('say what was resolved and what the server added', () => {
    const obj = { kind: 'video', title: 'v', complete: true, changed: false };
    const [entry] = play.must({ type: 'CREATED', key: id('f0'), target: a, group: 'g', obj });
    expect(entry).toMatchObject({ group: 'g', target: a, parent: a, after: a1 });
    expect(entry?.obj).toEqual({ kind: 'video', title: 'v', parent: a, complete: false });
    expect(play.node(id('f0'))).toMatchObject({ node_id: id('f0'), content_id: id('f0'), changed: true });
  });

  test('of deleting what is gone: applied, and no trace but the entry', () => {
    expect(play.must({ type: 'DELETED', key: gone })).toMatchObject([{ type: 'DELETED', key: gone }]);
  });

  test('a deleted id may come back in its own channel and table only', () => {
    const obj = { kind: 'topic', title: 'n' };
    expect(play.refusal({ type: 'CREATED', key: gone, target: OTHER, channel_id: OTHER, obj })).toBe(
      'already_exists key',
    );
    const item = { type: 'CREATED', table: 'assessmentitem', key: gone, obj: { contentnode: a } };
    expect(play.refusal(item)).toBe('already_exists key');
    expect(play.refusal({ type: 'CREATED', key: gone, target: a, obj })).toBe('applied');
  });
});

describe('changed and modified', () => {
  const publish = (): void => {
    play.must({ type: 'PUBLISHED', table: 'channel', key: CHANNEL });
  };
  const changed = (): string[] => play.tree.subtree(CHANNEL).filter((key) => play.node(key).changed);

  test('an update: the row alone', () => {
    publish();
    expect(changed()).toEqual([]);
    play.must({ type: 'UPDATED', key: a1, mods: { description: 'd' } });
    expect(changed()).toEqual([a1]);
    expect(play.node(a1).modified).toBe(play.at);
  });

  test('a move to another parent: the row and both parents; only the row is modified', () => {
    publish();
    play.must({ type: 'MOVED', key: a2, target: b });
    expect(changed()).toEqual([a1, b, a2]);
    expect([a1, b, a2].map((key) => play.node(key).modified === play.at)).toEqual([false, false, true]);
  });

  test('a move among siblings: the row alone', () => {
    publish();
    play.must({ type: 'MOVED', key: b, target: a, position: 'left' });
    expect(changed()).toEqual([b]);
  });

  test('a creation and a deletion: the parent', () => {
    publish();
    play.topic(id('f0'), b);
    play.must({ type: 'DELETED', key: a2 });
    expect(changed()).toEqual([a1, b, id('f0')]);
  });

  test('what the author says of it is not heard', () => {
    const [entry] = play.must({ type: 'UPDATED', key: a, mods: { title: 'x', changed: false } });
    expect(entry?.mods).toEqual({ title: 'x' });
    expect(play.node(a).changed).toBe(true);
  });
});

describe('conflicts', () => {
  test('where the store has something else than was seen and than is written', () => {
    play.must({ type: 'UPDATED', key: a, mods: { title: 'theirs', description: 'same', 'tags.x': true } });
    const mods = { title: 'yours', description: 'same', 'tags.x': null, 'tags.y': true, author: 'me' };
    const base = { title: 'old', description: 'old', 'tags.x': null, 'tags.y': null, author: '' };
    expect(play.conflicts({ type: 'UPDATED', key: a, mods, base })).toEqual([
      { path: 'title', base: 'old', theirs: 'theirs', yours: 'yours' },
      { path: 'tags.x', base: null, theirs: true, yours: null },
    ]);
    expect(play.node(a)).toMatchObject({ title: 'yours', tags: { y: true }, author: 'me' });
  });

  test('none without a base', () => {
    expect(play.conflicts({ type: 'UPDATED', key: a, mods: { title: 'yours' } })).toBeUndefined();
  });
});

test('unset fields are at their default again', () => {
  play.must({
    type: 'UPDATED',
    key: a,
    mods: { title: 'x', extra_fields: { a: 1 }, language: 'en', description: 'd' },
  });
  play.must({ type: 'UPDATED', key: a, mods: { title: null, extra_fields: null, language: null, description: null } });
  expect(play.node(a)).toMatchObject({ title: '', extra_fields: {}, language: null, description: '' });
});

test('what parsing left out is named in the outcome', () => {
  const change = { rev: 1, type: 'UPDATED', table: 'contentnode', key: a, channel_id: CHANNEL, mods: {} } as const;
  const context = { at: play.at, user: play.user, authority: 'user' } as const;
  expect(applyChange(change, context, play.tree, ['colour'])).toMatchObject({ ok: true, ignored: ['colour'] });
  expect(applyChange(change, context, play.tree, [])).not.toHaveProperty('ignored');
});
