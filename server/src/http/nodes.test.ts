import type { Id, JsonObject } from '@cambium/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshId, type Api, startTestServer, type TestServer } from './testing/harness.ts';
import { BYTES, item, nodeCalls } from './testing/nodeCalls.ts';

let world: TestServer;
let api: Api;

beforeAll(async () => {
  world = await startTestServer();
  api = await world.user('author');
});
afterAll(() => world.stop());

const { made, node, patched, upload, attach } = nodeCalls(() => api);

/** Every field that the description of the API lists. */
const FIELDS = `id content_id node_id title description language license license_description copyright_holder author
  provider aggregator parent_id channel_id root_id kind original_channel_id original_channel_name original_source_node_id
  complete changed published modified thumbnail_src thumbnail_encoding role_visibility has_children total_count
  resource_count coach_count assessment_item_count error_count has_updated_descendants has_new_descendants tags
  extra_fields suggested_duration grade_levels resource_types learning_activities accessibility_labels categories
  learner_needs`.split(/\s+/);

describe('fields', () => {
  test('a node bears every one of them, with what its author said', async () => {
    const { id } = await api.channel();
    const said = {
      title: 'T',
      description: 'D',
      language: 'de',
      license: 9,
      license_description: 'L',
      copyright_holder: 'C',
      author: 'A',
      provider: 'P',
      aggregator: 'G',
      role_visibility: 'coach',
      suggested_duration: 60,
      extra_fields: { anything: [1, { b: null }] },
      grade_levels: { 'L1.2': true },
      categories: { 'a.b.c': true },
    };
    const row = await made({ parent: id, kind: 'audio', tags: { one: true, two: false }, ...said });
    expect(row).toMatchObject({ ...said, tags: ['one'], parent_id: id, root_id: id, channel_id: id });
    expect(FIELDS.filter((field) => !(field in row))).toEqual([]);
    expect(row['node_id']).toBe(row['id']);
    expect(await node(id)).toMatchObject({ coach_count: 1, resource_count: 1, total_count: 1, has_children: true });
  });

  test('label maps and tags: one key behind the first dot, null takes it out, a whole map leaves the others', async () => {
    const { id } = await api.channel();
    const row = await made({ parent: id, kind: 'topic', title: 'T', tags: { a: true }, categories: { 'x.y': true } });
    const changed = await patched(row['id'], {
      'categories.x.y': null,
      'categories.x.y.z': true,
      'tags.b.c': true,
      learner_needs: { 'n.1': true },
      grade_levels: null,
    });
    expect(changed).toMatchObject({
      categories: { 'x.y.z': true },
      tags: ['a', 'b.c'],
      learner_needs: { 'n.1': true },
      grade_levels: {},
    });
    expect((await patched(row['id'], { tags: { a: null, d: true } }))['tags']).toEqual(['b.c', 'd']);
  });

  test.each([
    [{ title: 'x'.repeat(201) }, 'invalid_value', 'title'],
    [{ [`tags.${'x'.repeat(31)}`]: true }, 'invalid_value', `tags.${'x'.repeat(31)}`],
    [{ license: 99 }, 'invalid_value', 'license'],
    [{ language: 'not a language' }, 'invalid_value', 'language'],
    [{ role_visibility: 'admin' }, 'invalid_value', 'role_visibility'],
    [{ suggested_duration: -1 }, 'invalid_value', 'suggested_duration'],
    [{ extra_fields: 'text' }, 'invalid_value', 'extra_fields'],
    [{ parent: 'a'.repeat(32) }, 'read_only_field', 'parent'],
    [{ kind: 'video' }, 'read_only_field', 'kind'],
    [{ total_count: 1 }, 'read_only_field', 'total_count'],
    [{ published: true }, 'read_only_field', 'published'],
    [{ original_channel_id: null }, 'read_only_field', 'original_channel_id'],
  ])('%j is refused: %s', async (fields, code, field) => {
    const { topics } = await api.channel(['T']);
    const reply = await api.call('PATCH', `/api/contentnode/${topics[0]}`, fields as JsonObject);
    expect(reply).toMatchObject({ status: 400, json: { error: { code, field } } });
  });

  test('whatever is attached or deleted in between, nodes go with their items, pairs and files', async () => {
    const { id, topics } = await api.channel(['A', 'B']);
    const [a, b] = topics as [Id, Id];
    const quiz = await made({ parent: a, kind: 'exercise', title: 'E' });
    const add = item(id, quiz['id']);
    const pair = { type: 'CREATED', table: 'contentnode_prerequisite', channel_id: id };
    const { results } = (await api.sync([
      add,
      { ...pair, key: [a, b] },
      { ...pair, key: [b, a] },
      { ...pair, key: [a, a] },
      { ...pair, key: [b, quiz['id'] as Id] },
    ])) as { results: JsonObject[] };
    expect(results.map((result) => result['errors'] ?? result['status'])).toMatchObject([
      'applied',
      'applied',
      [{ code: 'cycle' }],
      [{ code: 'cycle' }],
      'applied',
    ]);
    const pairs = async () => JSON.parse((await api.get(`/api/contentnode/${b}/requisites`)).text) as unknown;
    expect(await pairs()).toHaveLength(2);
    await api.call('DELETE', `/api/contentnode/${a}`);
    expect(await pairs()).toEqual([]);
    const text = (await api.get(`/api/channel/${id}/snapshot`)).text;
    expect(text).not.toContain(add['key'] as Id);
    expect(await node(id)).toMatchObject({ total_count: 1, error_count: 0 });
  });
});

describe('publish', () => {
  test('publishes what is complete, and tells what is not', async () => {
    const { id, topics } = await api.channel(['A', 'B']);
    const broken = await made({ parent: topics[0] as Id, kind: 'topic' });
    const paper = await made({ parent: topics[1] as Id, kind: 'document', title: 'D', license: 8 });
    await attach((await upload())['id'], paper['id'] as Id);
    expect(await node(id)).toMatchObject({ has_new_descendants: true, has_updated_descendants: false });
    const first = await api.post(`/api/channel/${id}/publish`, {});
    expect(first.json).toEqual({ version: 1, published: 4, incomplete: 1 });
    expect(await node(paper['id'])).toMatchObject({ published: true, changed: false });
    expect(await node(broken['id'])).toMatchObject({ published: false, changed: true });
    expect(await node(id)).toMatchObject({
      published: true,
      changed: false,
      has_new_descendants: false,
      has_updated_descendants: false,
    });
    expect(await patched(paper['id'], { description: 'more' })).toMatchObject({ published: true, changed: true });
    expect(await node(id)).toMatchObject({ has_updated_descendants: true, has_new_descendants: false });
    const copy = freshId();
    await api.sync([
      {
        type: 'COPIED',
        table: 'contentnode',
        key: copy,
        channel_id: id,
        from_key: paper['id'] as Id,
        target: topics[0] as Id,
      },
    ]);
    expect(await node(copy)).toMatchObject({
      published: false,
      changed: true,
      complete: true,
      node_id: copy,
      content_id: paper['content_id'],
      source_node_id: paper['node_id'],
      original_source_node_id: paper['node_id'],
      original_channel_id: id,
      original_channel_name: 'Channel',
    });
    expect(await node(topics[0])).toMatchObject({ has_new_descendants: true, total_count: 2, resource_count: 1 });
    expect((await api.post(`/api/channel/${id}/publish`, {})).json).toEqual({
      version: 2,
      published: 5,
      incomplete: 1,
    });
    expect((await api.get(`/api/channel/${id}`)).json).toMatchObject({ version: 2, published: true });
    expect(await node(id)).toMatchObject({ has_new_descendants: false, has_updated_descendants: false });
    await api.sync([{ type: 'MOVED', table: 'contentnode', key: copy, channel_id: id, target: id }]);
    expect(await node(topics[0])).toMatchObject({ changed: true, published: true, total_count: 1, resource_count: 0 });
    expect(await node(id)).toMatchObject({ changed: true, has_updated_descendants: true });
  });

  test('size counts each distinct file once, those of items too', async () => {
    const { id, topics } = await api.channel(['A']);
    for (const title of ['D', 'E']) {
      const paper = await made({ parent: topics[0] as Id, kind: 'document', title, license: 8 });
      await attach((await upload())['id'], paper['id'] as Id);
    }
    const quiz = await made({ parent: id, kind: 'exercise', title: 'Q' });
    const question = item(id, quiz['id']);
    await api.sync([question]);
    const picture = new TextEncoder().encode('a picture of a question');
    const file = await upload({ preset: 'exercise_image', file_format: 'png', name: 'p.png' }, picture);
    await api.call('PATCH', `/api/file/${file['id'] as string}`, { assessment_item: question['key'] as Id });
    expect((await api.get(`/api/contentnode/${id}/size`)).json).toEqual({
      size: BYTES.byteLength + picture.byteLength,
      stale: false,
    });
    expect((await api.get(`/api/contentnode/${quiz['id'] as string}/size`)).status).toBe(404);
  });
});
