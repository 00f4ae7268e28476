import { beforeEach, expect, test } from 'vitest';
import { CHANNEL, id, OTHER, Play } from '../testing/play.ts';

let play: Play;

beforeEach(() => {
  play = new Play();
});

test('a channel makes its root, and both have one name whichever is changed', () => {
  expect(play.node(CHANNEL)).toMatchObject({
    kind: 'topic',
    title: 'root',
    parent_id: null,
    complete: true,
    changed: true,
  });
  play.must({ type: 'UPDATED', table: 'channel', key: CHANNEL, mods: { name: 'one', language: 'en' } });
  expect(play.node(CHANNEL)).toMatchObject({ title: 'one', language: null });
  play.must({ type: 'UPDATED', key: CHANNEL, mods: { title: 'two' } });
  expect(play.tree.row('channel', CHANNEL)).toMatchObject({ name: 'two', language: 'en', modified: play.at });
});

test('publishing: every complete node is published and unchanged, the others are left as they are', () => {
  play.topic(id('a0'));
  play.must({ type: 'CREATED', key: id('a1'), obj: { parent: CHANNEL, kind: 'video', title: 'v' } });
  play.must({ type: 'PUBLISHED', table: 'channel', key: CHANNEL });
  const states = [CHANNEL, id('a0'), id('a1')].map((key) => [play.node(key).published, play.node(key).changed]);
  expect(states).toEqual([
    [true, false],
    [true, false],
    [false, true],
  ]);
  expect(play.tree.row('channel', CHANNEL)).toMatchObject({ published: true, version: 1, last_published: play.at });
});

test('deleting takes everything along, and the id is never used again', () => {
  play.topic(id('a0'));
  play.must({ type: 'DELETED', table: 'channel', key: CHANNEL });
  expect([...play.tree.rows(CHANNEL)]).toEqual([]);
  expect(play.row(id('a0'))).toBeUndefined();
  const created = { type: 'CREATED', table: 'channel', key: CHANNEL, obj: { name: 'again' } };
  expect(play.refusal(created)).toBe('already_exists key');
  expect(play.refusal({ ...created, key: id('a0'), channel_id: id('a0') })).toBe('already_exists key');
  expect([...play.tree.rows(OTHER)]).toHaveLength(2);
});

test('refusals', () => {
  const channel = { table: 'channel', key: id('ff'), channel_id: id('ff') };
  expect(play.refusal({ type: 'UPDATED', ...channel, mods: {} })).toBe('not_found key');
  expect(play.refusal({ type: 'PUBLISHED', ...channel })).toBe('not_found key');
  expect(play.refusal({ type: 'UPDATED', table: 'channel', key: OTHER, mods: {} })).toBe('invalid_value channel_id');
  expect(play.refusal({ type: 'MOVED', ...channel, target: CHANNEL })).toBe('unknown_type type');
  expect(play.refusal({ type: 'CREATED', table: 'channel', key: OTHER, channel_id: OTHER, obj: {} })).toBe(
    'already_exists key',
  );
});

test('conflicts', () => {
  const change = { type: 'UPDATED', table: 'channel', key: CHANNEL, mods: { name: 'mine' }, base: { name: 'old' } };
  expect(play.conflicts(change)).toEqual([{ path: 'name', base: 'old', theirs: 'root', yours: 'mine' }]);
});
