import { beforeEach, describe, expect, test } from 'vitest';
import { CHANNEL, id, OTHER, Play, USER } from '../../testing/play.ts';

const video = id('a0');
const other = id('a1');
const exercise = id('a2');
const item = id('b0');
const key = id('f0');
const FILE = {
  checksum: '0'.repeat(32),
  file_size: 3,
  file_format: 'mp4',
  preset: 'high_res_video',
  duration: 4,
  original_filename: 'a.mp4',
  mime_type: 'video/mp4',
};
let play: Play;

function created(obj: object, more: object = {}): object {
  return { type: 'CREATED', table: 'file', key, obj: { ...FILE, ...obj }, ...more };
}

function updated(mods: object, more: object = {}): object {
  return { type: 'UPDATED', table: 'file', key, mods, ...more };
}

/** The server's own word. */
function system(change: object): ReturnType<Play['must']> {
  play.authority = 'system';
  const entries = play.must({ channel_id: null, ...change });
  play.authority = 'user';
  return entries;
}

function shape(entries: ReturnType<Play['must']>): unknown[] {
  return entries.map((entry) => [entry.type, entry.table, entry.channel_id]);
}

beforeEach(() => {
  play = new Play();
  const node = { kind: 'video', title: 'v', license: 1, copyright_holder: 'h', parent: CHANNEL };
  for (const node_key of [video, other]) play.must({ type: 'CREATED', key: node_key, obj: node });
  play.must({ type: 'CREATED', key: exercise, obj: { ...node, kind: 'exercise' } });
  play.must({ type: 'CREATED', table: 'assessmentitem', key: item, obj: { contentnode: exercise } });
  play.topic(id('e0'), OTHER, { channel_id: OTHER });
});

describe('a file stands in the log of a channel while it is attached there', () => {
  test('CREATED offline, then uploaded: one row, not uploaded until the server says so', () => {
    const [entry, ...rest] = play.must(
      created({ contentnode: video, uploaded: true, uploaded_by: id('98'), url: '/x' }),
    );
    expect(rest).toEqual([]);
    expect(entry?.obj).toMatchObject({ ...FILE, contentnode: video, uploaded: false, uploaded_by: USER, url: null });
    expect(play.node(video).complete).toBe(false);
    const entries = system(updated({ uploaded: true, url: '/content/x' }));
    expect(shape(entries)).toEqual([
      ['UPDATED', 'file', CHANNEL],
      ['UPDATED', 'contentnode', CHANNEL],
    ]);
    expect(entries[1]?.mods).toEqual({ complete: true });
    expect(play.node(video)).toMatchObject({ complete: true, changed: true });
  });

  test('uploaded first, then attached: CREATED there with the whole row, and the node is complete', () => {
    system(created({ uploaded: true, uploaded_by: USER, url: '/content/x' }));
    const entries = play.must(updated({ contentnode: video }));
    expect(shape(entries)).toEqual([
      ['CREATED', 'file', CHANNEL],
      ['UPDATED', 'contentnode', CHANNEL],
    ]);
    expect(entries[0]?.obj).toMatchObject({ ...FILE, contentnode: video, uploaded: true, url: '/content/x' });
    expect(play.tree.row('file', key)).toMatchObject({ channel_id: CHANNEL, contentnode: video });
    expect(play.replica().row('file', key)).toEqual(play.tree.row('file', key));
  });

  test('uploaded first, then CREATED under the same id: the fields given are laid over it', () => {
    system(created({ uploaded: true, uploaded_by: USER, url: '/content/x' }));
    const entries = play.must(created({ contentnode: video, language: 'en' }));
    expect(shape(entries)).toEqual([
      ['CREATED', 'file', CHANNEL],
      ['UPDATED', 'contentnode', CHANNEL],
    ]);
    expect(play.tree.row('file', key)).toMatchObject({ language: 'en', contentnode: video, uploaded: true });
    const [again] = play.must(created({ contentnode: video, language: 'de' }));
    expect(again).toMatchObject({ type: 'UPDATED', mods: { language: 'de' } });
    expect(play.tree.row('file', key)).toMatchObject({ language: 'de', uploaded: true, url: '/content/x' });
  });

  test('detached: DELETED there, and the store keeps it without a channel', () => {
    play.must(created({ contentnode: video }));
    system(updated({ uploaded: true }));
    const entries = play.must(updated({ contentnode: null }));
    expect(shape(entries)).toEqual([
      ['DELETED', 'file', CHANNEL],
      ['CREATED', 'file', null],
      ['UPDATED', 'contentnode', CHANNEL],
    ]);
    expect(play.tree.row('file', key)).toMatchObject({ channel_id: null, contentnode: null, uploaded: true });
    expect(play.replica().row('file', key)).toBeUndefined();
    expect(play.node(video).complete).toBe(false);
  });

  test('attached to another node of the channel: UPDATED, and both nodes are judged anew', () => {
    play.must(created({ contentnode: video }));
    system(updated({ uploaded: true }));
    const entries = play.must(updated({ contentnode: other }));
    expect(entries.map((entry) => [entry.key, entry.mods])).toEqual([
      [key, { contentnode: other }],
      [video, { complete: false }],
      [other, { complete: true }],
    ]);
  });

  test('attached to an item it leaves the node, and the other way round', () => {
    play.must(created({ contentnode: video }));
    play.must(updated({ assessment_item: item }));
    expect(play.tree.row('file', key)).toMatchObject({ contentnode: null, assessment_item: item });
    play.must(updated({ contentnode: video }));
    expect(play.tree.row('file', key)).toMatchObject({ contentnode: video, assessment_item: null });
    expect(play.refusal(updated({ contentnode: video, assessment_item: item }))).toBe('invalid_value assessment_item');
  });

  test('deleted: gone, and deleting it again is applied', () => {
    play.must(created({ contentnode: video }));
    system(updated({ uploaded: true }));
    const entries = play.must({ type: 'DELETED', table: 'file', key });
    expect(entries[1]).toMatchObject({ key: video, mods: { complete: false } });
    expect(play.tree.row('file', key)).toBeUndefined();
    expect(shape(play.must({ type: 'DELETED', table: 'file', key }))).toEqual([['DELETED', 'file', CHANNEL]]);
  });

  test('deleted in the channel that it left: gone from the store too', () => {
    play.must(created({ contentnode: video }));
    play.must(updated({ contentnode: null }));
    const entries = play.must({ type: 'DELETED', table: 'file', key });
    expect(shape(entries)).toEqual([
      ['DELETED', 'file', CHANNEL],
      ['DELETED', 'file', null],
    ]);
    expect(play.tree.row('file', key)).toBeUndefined();
  });
});

describe('refusals', () => {
  test('of another file under the id of one that exists', () => {
    play.must(created({ contentnode: video }));
    expect(play.refusal(created({ contentnode: video, checksum: '1'.repeat(32) }))).toBe('already_exists key');
    expect(play.refusal(created({ contentnode: video, file_size: 4 }))).toBe('already_exists key');
    expect(play.refusal(created({ contentnode: id('e0') }, { channel_id: OTHER }))).toBe('already_exists key');
    play.user = id('98');
    expect(play.refusal(created({ contentnode: video }))).toBe('already_exists key');
  });

  test('of a SHA-256 that says it is another file', () => {
    play.must(created({ contentnode: video, sha256: 'a'.repeat(64) }));
    expect(play.refusal(created({ contentnode: video, sha256: 'b'.repeat(64) }))).toBe('already_exists key');
    expect(play.refusal(created({ contentnode: video }))).toBe('applied');
  });

  test('of an owner that is not there, or in another channel', () => {
    expect(play.refusal(created({ contentnode: id('ff') }))).toBe('not_found contentnode');
    expect(play.refusal(created({ contentnode: id('e0') }))).toBe('cross_channel contentnode');
    expect(play.refusal(created({ assessment_item: id('ff') }))).toBe('not_found assessment_item');
    expect(play.refusal(created({}))).toBe('missing_field contentnode');
    expect(play.refusal(updated({ contentnode: video }))).toBe('not_found key');
  });

  test('of the file of somebody else that is attached to nothing', () => {
    system(created({ uploaded_by: id('98') }));
    expect(play.refusal(updated({ contentnode: video }))).toBe('not_found key');
    expect(play.refusal({ type: 'DELETED', table: 'file', key })).toBe('applied');
    expect(play.tree.row('file', key)?.uploaded_by).toBe(id('98'));
  });

  test('of a file that is attached in another channel', () => {
    play.must(created({ contentnode: video }));
    expect(play.refusal(updated({ contentnode: id('e0') }, { channel_id: OTHER }))).toBe('cross_channel key');
    expect(play.refusal(updated({ contentnode: id('e0') }))).toBe('cross_channel contentnode');
  });

  test('of a preset that does not allow the format', () => {
    play.must(created({ contentnode: video }));
    expect(play.refusal(updated({ preset: 'document' }))).toMatch(/^invalid_value preset/);
  });
});

test('of a write without a channel only the store hears', () => {
  const entries = play.must(created({}, { channel_id: null }));
  expect(shape(entries)).toEqual([['CREATED', 'file', null]]);
  expect(shape(play.must(updated({ language: 'en' }, { channel_id: null })))).toEqual([['UPDATED', 'file', null]]);
  expect(play.tree.row('file', key)).toMatchObject({ language: 'en', uploaded_by: USER, channel_id: null });
});

describe('a copy that gets content of its own', () => {
  beforeEach(() => {
    play.must({ type: 'COPIED', key: id('c5'), from_key: video, target: CHANNEL });
  });

  test('has a content_id of its own from then on; the source keeps its one', () => {
    const entries = play.must(created({ contentnode: id('c5') }));
    expect(entries[1]).toMatchObject({ key: id('c5'), mods: { content_id: id('c5') } });
    expect(play.must(created({ contentnode: video }, { key: id('f1') }))).toHaveLength(1);
    expect(play.node(video).content_id).toBe(video);
  });

  test('keeps it for a thumbnail, and for bytes that arrive', () => {
    const thumbnail = { preset: 'video_thumbnail', file_format: 'png', duration: null, contentnode: id('c5') };
    play.must(created(thumbnail));
    system(updated({ uploaded: true }));
    expect(play.node(id('c5')).content_id).toBe(video);
  });
});

describe('assessment items', () => {
  const question = (more: object): object => ({ type: 'CREATED', table: 'assessmentitem', key: id('b1'), ...more });

  test('complete their exercise, and leave it incomplete', () => {
    play.must({ type: 'UPDATED', key: exercise, mods: { 'extra_fields.mastery_model': 'do_all' } });
    const [made, judged] = play.must(question({ obj: { contentnode: exercise, raw_data: 'x' } }));
    expect(made?.obj).toEqual({ contentnode: exercise, raw_data: 'x' });
    expect(judged).toMatchObject({ key: exercise, mods: { complete: true } });
    const [, again] = play.must(question({ type: 'UPDATED', mods: { raw_data: '' } }));
    expect(again).toMatchObject({ key: exercise, mods: { complete: false } });
    play.must(question({ type: 'UPDATED', mods: { raw_data: 'x' } }));
    const [, gone] = play.must(question({ type: 'DELETED' }));
    expect(gone).toMatchObject({ key: exercise, mods: { complete: false } });
  });

  test('take their files along, one entry each', () => {
    play.must(created({ assessment_item: item }));
    const entries = play.must({ type: 'DELETED', table: 'assessmentitem', key: item });
    expect(entries.map((entry) => [entry.type, entry.key])).toEqual([
      ['DELETED', item],
      ['DELETED', key],
    ]);
    expect([...play.replica().rows(CHANNEL)]).toEqual([...play.tree.rows(CHANNEL)]);
  });

  test('are refused where their node is not', () => {
    expect(play.refusal(question({ obj: { contentnode: id('ff') } }))).toBe('not_found contentnode');
    expect(play.refusal(question({ obj: { contentnode: id('e0') } }))).toBe('cross_channel contentnode');
    expect(play.refusal(question({ obj: { contentnode: exercise }, key: item }))).toBe('already_exists key');
    expect(play.refusal(question({ type: 'MOVED' }))).toBe('unknown_type type');
  });
});

describe('prerequisites', () => {
  const pair = (target: string, prerequisite: string, type = 'CREATED'): object => ({
    type,
    table: 'contentnode_prerequisite',
    key: [target, prerequisite],
  });

  test('are made and deleted', () => {
    expect(play.must(pair(video, other))[0]?.obj).toEqual({ target_node: video, prerequisite: other });
    expect(play.tree.pairsOf(other)).toHaveLength(1);
    play.must(pair(video, other, 'DELETED'));
    play.must(pair(video, other, 'DELETED'));
    expect(play.tree.pairsOf(other)).toEqual([]);
  });

  test('are refused of oneself, twice, both ways round and across channels', () => {
    play.must(pair(video, other));
    expect(play.refusal(pair(video, video))).toBe('cycle key');
    expect(play.refusal(pair(video, other))).toBe('already_exists key');
    expect(play.refusal(pair(other, video))).toBe('cycle key');
    expect(play.refusal(pair(video, id('e0')))).toBe('cross_channel key');
    expect(play.refusal(pair(video, id('ff')))).toBe('not_found key');
    expect(play.refusal(pair(video, other, 'UPDATED'))).toBe('unknown_type type');
  });
});
