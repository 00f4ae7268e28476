import { derivedId, type Id, type JsonObject } from '@cambium/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshId, startTestServer, type Api, type TestServer } from './testing/harness.ts';

/** Below the copied topic: sections of a topic, an exercise with a question and its picture, and documents with a file. */
const SECTIONS = 100;
const DOCUMENTS = 98;
const NODES = 1 + SECTIONS * (2 + DOCUMENTS);

let world: TestServer;
let author: Api;
let reader: Api;
let source: Id;
let top: Id;
/** One of each kind, in the first section. */
const first = { section: freshId(), exercise: freshId(), item: freshId(), document: freshId(), file: freshId() };

beforeAll(async () => {
  world = await startTestServer();
  author = await world.user('author');
  reader = await world.user('reader');
  const made = await author.channel(['Top']);
  source = made.id;
  top = made.topics[0] as Id;
  await author.call('PUT', `/api/channel/${source}/members/${reader.userId}`, { role: 'viewer' });
  const changes: JsonObject[] = [];
  for (let at = 0; at < SECTIONS; at += 1) changes.push(...section(at === 0 ? first : fresh()));
  for (let at = 0; at < changes.length; at += 5000) {
    const { results } = (await author.sync(changes.slice(at, at + 5000))) as { results: JsonObject[] };
    expect(results.find(({ status }) => status !== 'applied')).toBeUndefined();
  }
});
afterAll(() => world.stop());

function fresh(): typeof first {
  return { section: freshId(), exercise: freshId(), item: freshId(), document: freshId(), file: freshId() };
}

function section(ids: typeof first): JsonObject[] {
  const made = (table: string, key: Id, obj: JsonObject): JsonObject => ({
    type: 'CREATED',
    table,
    key,
    channel_id: source,
    obj,
  });
  const picture = { checksum: '2'.repeat(32), size: 5, name: 'p.png', file_format: 'png', preset: 'exercise_image' };
  const paper = { checksum: '1'.repeat(32), size: 9, name: 'a.pdf', file_format: 'pdf', preset: 'document' };
  const changes = [
    made('contentnode', ids.section, { parent: top, kind: 'topic', title: 'Section' }),
    made('contentnode', ids.exercise, { parent: ids.section, kind: 'exercise', title: 'E', tags: { quiz: true } }),
    made('assessmentitem', ids.item, { contentnode: ids.exercise, question: 'Which?', assessment_id: 'ab'.repeat(16) }),
    made('file', freshId(), { ...picture, assessment_item: ids.item }),
  ];
  for (let at = 0; at < DOCUMENTS; at += 1) {
    const [node, file] = at === 0 ? [ids.document, ids.file] : [freshId(), freshId()];
    changes.push(made('contentnode', node, { parent: ids.section, kind: 'document', title: `D ${at}`, license: 8 }));
    if (at < 10) changes.push(made('file', file, { ...paper, contentnode: node }));
  }
  return changes;
}

async function copy(more: JsonObject = {}): Promise<{ channel: Id; key: Id; results: JsonObject[] }> {
  const { id: channel } = await reader.channel();
  const key = freshId();
  const copied = {
    type: 'COPIED',
    table: 'contentnode',
    key,
    channel_id: channel,
    from_key: top,
    target: channel,
    ...more,
  };
  // Edits inside the copy, made before the server has seen it.
  const inside = { channel_id: channel, type: 'UPDATED' };
  const { results } = (await reader.sync([
    copied,
    { ...inside, table: 'contentnode', key: derivedId(key, first.document), mods: { title: 'mine' } },
    { ...inside, table: 'assessmentitem', key: derivedId(key, first.item), mods: { question: 'Mine?' } },
    { ...inside, type: 'DELETED', table: 'file', key: derivedId(key, first.file) },
  ])) as { results: JsonObject[] };
  return { channel, key, results };
}

function linesOf(text: string): JsonObject[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
}

function byKey(lines: JsonObject[]): Map<unknown, JsonObject> {
  return new Map(lines.map((line) => [(line['row'] as JsonObject)['id'], line]));
}

test(`${NODES} nodes with their items and files, out of a channel that may only be viewed`, async () => {
  const { channel, key, results } = await copy({ mods: { title: 'Mine', language: 'de' } });
  expect(results.map(({ status }) => status)).toEqual(Array(4).fill('applied'));
  const root = (await reader.get(`/api/contentnode/${key}`)).json;
  expect(root).toMatchObject({
    title: 'Mine',
    language: 'de',
    channel_id: channel,
    node_id: key,
    total_count: NODES - 1,
    resource_count: NODES - 1 - SECTIONS,
    original_channel_id: source,
    source_channel_id: source,
    source_node_id: top,
    published: false,
    changed: true,
  });
  const of = async (id: Id) => (await reader.get(`/api/contentnode/${derivedId(key, id)}`)).json;
  // What differs in content from its source is content of its own.
  expect(await of(first.document)).toMatchObject({ title: 'mine', content_id: derivedId(key, first.document) });
  expect(await of(first.exercise)).toMatchObject({
    tags: ['quiz'],
    assessment_item_count: 1,
    content_id: derivedId(key, first.exercise),
  });
  expect(await of(first.section)).toMatchObject({ content_id: first.section, source_node_id: first.section });
  const files = async (query: string) => JSON.parse((await reader.get(`/api/file?${query}`)).text) as JsonObject[];
  expect(await files(`contentnode=${derivedId(key, first.document)}`)).toEqual([]);
  expect(await files(`assessment_item=${derivedId(key, first.item)}`)).toMatchObject([{ file_size: 5 }]);

  // A reader of the log needs no source: the rows of so large a copy are fetched beside it.
  const log = (await reader.get(`/api/channel/${channel}/changes`)).json['results'] as JsonObject[];
  const entry = log.find(({ type }) => type === 'COPIED') as { rows_at: string; rows?: unknown };
  expect(entry.rows).toBeUndefined();
  const rowsAt = new URL(entry.rows_at);
  const lines = linesOf((await reader.get(rowsAt.pathname)).text);
  expect(lines).toHaveLength(NODES + SECTIONS + SECTIONS + SECTIONS * 10);
  expect(lines[0]).toMatchObject({ table: 'contentnode', row: { id: key, parent_id: channel } });
  expect((await author.get(rowsAt.pathname)).status).toBe(404);

  // The channel's own root is one more, the file that was deleted one less.
  // The log, carried out, is what the tables have: snapshots of now and of the past say the same.
  const head = Number((await reader.get(`/api/channel/${channel}`)).json['server_rev']);
  const rows = async (query: string) =>
    linesOf((await reader.get(`/api/channel/${channel}/snapshot${query}`)).text).slice(1, -1);
  const [now, past] = [byKey(await rows('')), byKey(await rows(`?at=${head}`))];
  expect(now.size).toBe(lines.length);
  expect(past).toEqual(now);
});

test('left out are excluded nodes with everything below and on them', async () => {
  const { channel, key, results } = await copy({ excluded_descendants: { [first.section]: true, [freshId()]: true } });
  expect(results.map(({ status }) => status)).toEqual(['applied', 'rejected', 'rejected', 'applied']);
  expect((await reader.get(`/api/contentnode/${key}`)).json).toMatchObject({
    total_count: NODES - 1 - (2 + DOCUMENTS),
  });
  const text = (await reader.get(`/api/channel/${channel}/snapshot`)).text;
  for (const id of Object.values(first)) expect(text).not.toContain(derivedId(key, id));
});
