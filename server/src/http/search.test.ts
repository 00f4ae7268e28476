import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Id, JsonObject } from '@cambium/protocol';
import { openDatabase } from '../database/open.ts';
import { Api, freshId, startTestServer, topic, type TestServer } from './testing/harness.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

let it: TestServer;
let owner: Api;

beforeAll(async () => {
  it = await startTestServer();
  owner = await it.user('owner');
});
afterAll(() => it.stop());

/** Ids that a search finds, page after page. */
async function find(query: Record<string, string>, as = owner): Promise<Id[]> {
  const found: Id[] = [];
  for (let next: Record<string, string> | null = query; next !== null;) {
    const reply = await as.get(`/api/contentnode?${new URLSearchParams(next).toString()}`);
    expect(reply.status, reply.text).toBe(200);
    found.push(...(reply.json['results'] as JsonObject[]).map((row) => row['id'] as Id));
    next = reply.json['more'] as Record<string, string> | null;
  }
  return found;
}

const updated = (channel: Id, key: Id, mods: JsonObject): JsonObject => ({
  type: 'UPDATED',
  table: 'contentnode',
  key,
  channel_id: channel,
  mods,
});

test('words are found by how they begin, in any case, with or without accents', async () => {
  const { id, topics } = await owner.channel([
    'Fotosíntesis básica',
    'Ökologie der BÄUME',
    'C++ in depth',
    '日本の歴史',
  ]);
  const [photo, trees, code, japan] = topics as [Id, Id, Id, Id];
  const search = (text: string) => find({ channel_id: id, search: text });
  expect(await search('fotosintesis')).toEqual([photo]);
  expect(await search('FOTO bas')).toEqual([photo]);
  expect(await search('básica fotosíntesis')).toEqual([photo]);
  expect(await search('baum okol')).toEqual([trees]);
  expect(await search('sintesis')).toEqual([]);
  expect(await search('c++ in')).toEqual([code]);
  expect(await search('depth ++')).toEqual([code]);
  expect(await search('歴史')).toEqual([japan]);
  expect(await search('史歴')).toEqual([]);
});

test('a search is right after every kind of change', async () => {
  const { id, topics } = await owner.channel(['Alpha', 'Beta']);
  const [alpha, beta] = topics as [Id, Id];
  const search = (text: string) => find({ channel_id: id, search: text });
  expect(await search('alpha')).toEqual([alpha]);
  await owner.sync([updated(id, alpha, { title: 'Gamma', description: 'about zebras', 'tags.wild life': true })]);
  expect(await search('alpha')).toEqual([]);
  expect(await search('gamma zebra life')).toEqual([alpha]);
  await owner.sync([updated(id, alpha, { 'tags.wild life': null, description: '' })]);
  expect([await search('zebra'), await search('wild'), await search('gamma')]).toEqual([[], [], [alpha]]);
  const copy = freshId();
  await owner.sync([
    { type: 'COPIED', table: 'contentnode', key: copy, channel_id: id, from_key: alpha, target: beta },
  ]);
  expect(await search('gamma')).toEqual([alpha, copy]);
  await owner.sync([{ type: 'DELETED', table: 'contentnode', key: beta, channel_id: id }]);
  expect(await search('gamma')).toEqual([alpha]);
  expect(await search('beta')).toEqual([]);
  // Its root has the channel's name for a title.
  await owner.sync([{ type: 'UPDATED', table: 'channel', key: id, channel_id: id, mods: { name: 'Xylophone' } }]);
  expect(await search('xylo')).toEqual([id]);
});

test('nodes of a large copy are found, whose rows the log keeps apart', async () => {
  const { id, topics } = await owner.channel(['Source']);
  const [source] = topics as [Id];
  await owner.sync(Array.from({ length: 1_200 }, (_, i) => topic(id, freshId(), source, `Leaf ${i}`)));
  await owner.sync([
    { type: 'COPIED', table: 'contentnode', key: freshId(), channel_id: id, from_key: source, target: id },
  ]);
  expect(await find({ channel_id: id, search: 'leaf' })).toHaveLength(2_400);
  expect(await find({ channel_id: id, search: 'leaf 1199' })).toHaveLength(2);
});

test('a search goes with every other filter, ordering and paging', async () => {
  const { id, topics } = await owner.channel(['Tree b', 'Tree a', 'Stone', 'Tree c']);
  const [b, a, , c] = topics as [Id, Id, Id, Id];
  const below = freshId();
  await owner.sync([topic(id, below, b, 'Tree below')]);
  expect(await find({ search: 'tree', parent: id })).toEqual([b, a, c]);
  expect(await find({ search: 'tree', descendants_of: b })).toEqual([below]);
  expect(await find({ search: 'tree', channel_id: id, ordering: '-title', max_results: '1' })).toEqual([
    c,
    below,
    b,
    a,
  ]);
  expect(await find({ search: 'tree', kind: 'video' })).toEqual([]);
});

test('one finds nothing in what one may not view', async () => {
  await owner.channel(['Unmistakable']);
  const stranger = await it.user('stranger');
  expect(await find({ search: 'unmistakable' })).toHaveLength(1);
  expect(await find({ search: 'unmistakable' }, stranger)).toEqual([]);
});

test(`nothing that is typed is taken for syntax (SEED=${SEED})`, async () => {
  const { id, topics } = await owner.channel(['"quoted" AND (title: NEAR*)']);
  const search = (text: string) => find({ channel_id: id, search: text });
  for (const text of [
    '"quoted"',
    'AND',
    'near*',
    'title:',
    '(title:',
    'NEAR( (quoted',
    '"',
    "'",
    '-',
    '^',
    '{',
    '\0and',
  ])
    expect(await search(text), text).toEqual(/[a-z]/i.test(text) ? topics : []);
  let state = SEED;
  const pick = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pieces = [
    '"',
    '*',
    '(',
    ')',
    ':',
    '^',
    '{',
    '}',
    '-',
    '+',
    ' ',
    ',',
    'OR',
    'NOT',
    'NEAR',
    'é',
    '本',
    '\u0301',
    '😀',
    'a',
  ];
  for (let n = 0; n < 150; n += 1) {
    const text = `a${Array.from({ length: 1 + pick(8) }, () => pieces[pick(pieces.length)]).join('')}`;
    if (text.split(' ').length <= 10) await search(text);
  }
});

test('what is deleted leaves the index when it is swept', async () => {
  const { id, topics } = await owner.channel(['Swept', 'Kept']);
  await find({ search: 'swept' });
  const size = () => {
    const { raw, close } = openDatabase(it.settings.databaseFile, { readonly: true });
    const count = raw
      .prepare('SELECT count(*) FROM search_docsize WHERE id NOT IN (SELECT pk FROM node)')
      .pluck()
      .get();
    close();
    return count as number;
  };
  await owner.sync([{ type: 'DELETED', table: 'contentnode', key: topics[0] as Id, channel_id: id }]);
  expect(size()).toBeGreaterThan(0);
  await it.server.admin('compact');
  expect(size()).toBe(0);
  expect(await find({ channel_id: id, search: 'kept' })).toEqual([topics[1]]);
});
