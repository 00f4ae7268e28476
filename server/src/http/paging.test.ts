import type { Id, JsonObject } from '@cambium/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, freshId, startTestServer, topic, type TestServer } from './testing/harness.ts';

let world: TestServer;
let owner: Api;
beforeAll(async () => {
  world = await startTestServer();
  owner = await world.user('owner');
});
afterAll(() => world.stop());

const toQuery = (query: Record<string, string>) => new URLSearchParams(query).toString();

/** All ids of a list, page by page; `between` runs after each page. */
async function walk(
  query: Record<string, string>,
  between: (page: number) => Promise<unknown> = async () => null,
): Promise<Id[]> {
  const ids: Id[] = [];
  let next: Record<string, string> | null = query;
  for (let page = 0; next; page += 1) {
    const reply = await owner.get(`/api/contentnode?${toQuery(next)}`);
    expect(reply.status, reply.text).toBe(200);
    ids.push(...(reply.json['results'] as JsonObject[]).map((row) => row['id'] as Id));
    next = reply.json['more'] as Record<string, string> | null;
    if (next) await between(page);
  }
  return ids;
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `T${n % 3}`);

test.each(['lft', '-lft'])('%s: document order, each once, while rows come in everywhere', async (ordering) => {
  const { id, topics } = await owner.channel(names(25));
  const expected = ordering === 'lft' ? topics : topics.toReversed();
  const ids = await walk({ parent: id, ordering, max_results: '4' }, async (page) => {
    if (page > 3) return;
    await owner.sync([
      // Enough in one gap that labels have to move.
      ...Array.from({ length: 40 }, () => ({
        ...topic(id, freshId(), id, 'new'),
        target: topics[12] as Id,
        position: 'right',
      })),
      { ...topic(id, freshId(), id, 'first'), position: 'first-child' },
    ]);
  });
  expect(ids.filter((one) => topics.includes(one))).toEqual(expected);
  expect(new Set(ids).size).toBe(ids.length);
});

test('rows that a page ended with may go: none of the others is skipped', async () => {
  const { id, topics } = await owner.channel(names(30));
  const deleted = new Set<Id>();
  const ids = await walk({ channel_id: id, max_results: '5' }, async (page) => {
    const last = topics.slice(page * 5, page * 5 + 4);
    for (const key of last) deleted.add(key);
    await owner.sync(last.map((key) => ({ type: 'DELETED', table: 'contentnode', key, channel_id: id })));
  });
  expect(topics.filter((key) => !deleted.has(key) && !ids.includes(key))).toEqual([]);
});

describe('every scalar field orders a list, equal values and nulls included', () => {
  const fields =
    'id parent parent_id channel_id root_id kind title description language license license_description copyright_holder author provider aggregator role_visibility suggested_duration node_id content_id original_channel_id original_source_node_id original_channel_name complete changed published modified total_count resource_count coach_count error_count assessment_item_count has_children has_updated_descendants has_new_descendants';
  let id: Id;
  let all: Id[];
  beforeAll(async () => {
    const made = await owner.channel(names(11));
    id = made.id;
    all = [id, ...made.topics].toSorted();
    await owner.sync(
      made.topics.map((key, n) => ({
        type: 'UPDATED',
        table: 'contentnode',
        key,
        channel_id: id,
        mods: { author: `A${n % 2}`, language: n % 4 === 0 ? null : 'en', suggested_duration: n % 3 === 0 ? null : n },
      })),
    );
  });
  test.each(fields.split(' ').flatMap((field) => [field, `-${field}`]))('%s', async (ordering) => {
    expect((await walk({ channel_id: id, ordering, max_results: '3' })).toSorted()).toEqual(all);
  });
  test('by title, and by id among equal ones', async () => {
    const rows = (await owner.get(`/api/contentnode?channel_id=${id}&ordering=-title`)).json['results'] as JsonObject[];
    const keys = rows.map((row) => `${row['title'] as string} ${row['id'] as string}`);
    expect(keys).toEqual(keys.toSorted().toReversed());
  });
});

test('filters', async () => {
  const { id, topics } = await owner.channel(['Bäume im Wald', 'Meer', 'Berg']);
  const [forest, sea] = topics as [Id, Id];
  const under = freshId();
  await owner.sync([topic(id, under, forest, '100 % Moos')]);
  await owner.sync([{ type: 'UPDATED', table: 'contentnode', key: sea, channel_id: id, mods: { 'tags.blue': true } }]);
  const list = (query: Record<string, string>) => walk({ channel_id: id, ...query });
  expect(await list({ ancestors_of: under })).toEqual([id, forest, under]);
  expect(await list({ descendants_of: forest })).toEqual([under]);
  expect(await list({ parent__in: `${id},${forest}` })).toEqual([forest, under, sea, topics[2]]);
  expect(await list({ id__in: `${under},${sea.toUpperCase()}` })).toEqual([under, sea]);
  expect(await list({ kind: 'video' })).toEqual([]);
  expect(await list({ complete: 'false' })).toEqual([]);
  expect(await list({ root_id: id, complete: 'true' })).toEqual([id, forest, under, sea, topics[2]]);
  expect(await list({ search: 'wald BÄUME' })).toEqual([forest]);
  expect(await list({ search: '100 %' })).toEqual([under]);
  expect(await list({ search: 'blue' })).toEqual([sea]);
});

test('queries that mean nothing are refused', async () => {
  const { id } = await owner.channel();
  const status = async (query: string) => (await owner.get(`/api/contentnode?${query}`)).status;
  for (const query of ['', 'max_results=5', 'ordering=title']) expect(await status(query), query).toBe(412);
  const bad = [
    'parent=x',
    'parent=',
    'id__in=,,',
    'kind=folder',
    'complete=maybe',
    'search=',
    'colour=red',
    '__proto__=1',
    `parent=${id}&parent=${id}`,
  ];
  for (const query of bad) expect(await status(query), query).toBe(400);
  for (const shape of [
    'max_results=0',
    'max_results=1e9',
    'ordering=tags',
    'ordering=;drop',
    'ordering=title,kind',
    'cursor=x',
  ]) {
    expect(await status(`parent=${id}&${shape}`), shape).toBe(400);
  }
});

test('a read of one channel says up to which rev it is complete', async () => {
  const { id, topics } = await owner.channel(['A']);
  for (const path of [
    `/api/channel/${id}`,
    `/api/contentnode/${topics[0]}`,
    `/api/contentnode?parent=${id}`,
    `/api/channel/${id}/snapshot`,
  ]) {
    expect((await owner.get(path)).headers.get('cambium-rev'), path).toBe('2');
  }
});

test('a write that comes again under its key has one effect and the same answer', async () => {
  const { id } = await owner.channel();
  const headers = { 'idempotency-key': freshId() };
  const body = { parent: id, kind: 'topic', title: 'once' };
  const [one, two] = [
    await owner.call('POST', '/api/contentnode', body, headers),
    await owner.call('POST', '/api/contentnode', body, headers),
  ];
  expect([two.status, two.text]).toEqual([201, one.text]);
  expect((await owner.call('POST', '/api/contentnode', { ...body, title: 'other' }, headers)).status).toBe(409);
  const remove = () =>
    owner.call('DELETE', `/api/contentnode/${one.json['id'] as string}`, undefined, {
      'idempotency-key': freshId.name,
    });
  expect([(await remove()).status, (await remove()).status]).toEqual([204, 204]);
  expect((await owner.get(`/api/channel/${id}/changes`)).json['results']).toHaveLength(3);
});

test('a page of large rows or entries ends before its size, and the next one goes on', async () => {
  const { id } = await owner.channel();
  const keys: Id[] = [];
  for (let batch = 0; batch < 2; batch += 1) {
    const made = Array.from({ length: 10 }, freshId);
    const obj = { parent: id, kind: 'topic', title: 'Large', description: 'x'.repeat(1_000_000) };
    await owner.sync(made.map((key) => ({ type: 'CREATED', table: 'contentnode', key, channel_id: id, obj })));
    keys.push(...made);
  }
  const log = await owner.get(`/api/channel/${id}/changes`);
  const entries = log.json['results'] as JsonObject[];
  expect([entries.length, log.json['more']]).toEqual([9, true]);
  const rest = await owner.get(`/api/channel/${id}/changes?after=9`);
  expect((rest.json['results'] as JsonObject[]).map((entry) => entry['server_rev'])).toEqual([
    10, 11, 12, 13, 14, 15, 16, 17,
  ]);
  for (const ordering of ['lft', 'id']) {
    const reply = await owner.get(`/api/contentnode?${toQuery({ parent: id, ordering })}`);
    expect((reply.json['results'] as JsonObject[]).length).toBe(8);
    expect((await walk({ parent: id, ordering })).toSorted()).toEqual(keys.toSorted());
  }
});
