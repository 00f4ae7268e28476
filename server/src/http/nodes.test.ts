import { createHash } from 'node:crypto';
import type { Id, JsonObject } from '@cambium/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshId, type Api, startTestServer, type TestServer } from './testing/harness.ts';

let world: TestServer;
let api: Api;

beforeAll(async () => {
  world = await startTestServer();
  api = await world.user('author');
});
afterAll(() => world.stop());

const BYTES = new TextEncoder().encode('%PDF-1.4 some bytes');

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

async function made(fields: JsonObject): Promise<JsonObject> {
  const reply = await api.post('/api/contentnode', fields);
  if (reply.status !== 201) throw new Error(reply.text);
  return reply.json;
}

async function node(id: unknown): Promise<JsonObject> {
  return (await api.get(`/api/contentnode/${id as string}`)).json;
}

async function patched(id: unknown, fields: JsonObject): Promise<JsonObject> {
  const reply = await api.call('PATCH', `/api/contentnode/${id as string}`, fields);
  if (reply.status !== 200) throw new Error(reply.text);
  return reply.json;
}

/** An item of an exercise that a learner can answer. */
function item(channel: Id, node: unknown, key = freshId()): JsonObject {
  const obj = {
    contentnode: node as Id,
    type: 'single_selection',
    question: 'Which?',
    answers: [{ answer: 'a', correct: true }],
  };
  return { type: 'CREATED', table: 'assessmentitem', key, channel_id: channel, obj };
}

async function upload(fields: JsonObject = {}, bytes = BYTES): Promise<JsonObject> {
  const body = {
    size: bytes.byteLength,
    checksum: md5(bytes),
    name: 'a.pdf',
    file_format: 'pdf',
    preset: 'document',
    ...fields,
  };
  const announced = await api.post('/api/file/upload_url', body);
  if (announced.status !== 201) throw new Error(announced.text);
  const { url, content_type, file } = announced.json as { url: string; content_type: string; file: JsonObject };
  const put = await fetch(url, { method: 'PUT', headers: { 'content-type': content_type }, body: bytes as BodyInit });
  if (put.status !== 200) throw new Error(await put.text());
  return file;
}

async function attach(file: unknown, owner: Id | null): Promise<JsonObject> {
  const reply = await api.call('PATCH', `/api/file/${file as string}`, { contentnode: owner });
  if (reply.status !== 200) throw new Error(reply.text);
  return reply.json;
}

describe('complete', () => {
  const HOLDER = { license: 1, copyright_holder: 'H' };
  const MASTERY = { options: { completion_criteria: { model: 'mastery', threshold: { mastery_model: 'do_all' } } } };

  test('a topic is complete with a title, and one that is a unit with criteria', async () => {
    const { id } = await api.channel();
    expect(await made({ parent: id, kind: 'topic', title: 'T' })).toMatchObject({ complete: true });
    expect(await made({ parent: id, kind: 'topic' })).toMatchObject({ complete: false });
    const unit = await made({ parent: id, kind: 'topic', title: 'U', extra_fields: { options: { modality: 'UNIT' } } });
    expect(unit).toMatchObject({ complete: false });
    const lists = { assessment_item_ids: [], version_a_item_ids: [], version_b_item_ids: [] };
    const threshold = { mastery_model: 'pre_post_test', pre_post_test: lists };
    const criteria = { 'extra_fields.options.completion_criteria': { model: 'mastery', threshold } };
    expect(await patched(unit['id'], criteria)).toMatchObject({ complete: true });
  });

  test.each([
    ['document', 'document', 'pdf', 'epub'],
    ['html5', 'html5_zip', 'zip', 'zip'],
    ['h5p', 'h5p', 'h5p', 'h5p'],
    ['zim', 'zim', 'zim', 'zim'],
    ['slideshow', 'slideshow_manifest', 'json', 'json'],
  ])('%s: when its file is uploaded and attached, until it is detached', async (kind, preset, file_format) => {
    const { id } = await api.channel();
    const made1 = await made({ parent: id, kind, title: 'D', ...HOLDER });
    expect(made1).toMatchObject({ complete: false });
    expect(await node(id)).toMatchObject({ error_count: 1, resource_count: 1 });
    const bytes = new TextEncoder().encode(`bytes of ${kind}`);
    const file = await upload({ preset, file_format, name: `a.${file_format}` }, bytes);
    await attach(file['id'], made1['id'] as Id);
    expect(await node(made1['id'])).toMatchObject({ complete: true });
    expect(await node(id)).toMatchObject({ error_count: 0 });
    await attach(file['id'], null);
    expect(await node(made1['id'])).toMatchObject({ complete: false });
    expect(await node(id)).toMatchObject({ error_count: 1 });
  });

  test.each([
    ['video', 'high_res_video', 'mp4'],
    ['audio', 'audio', 'mp3'],
  ])('%s: by a file with a duration', async (kind, preset, file_format) => {
    const { id } = await api.channel();
    const { id: made1 } = await made({ parent: id, kind, title: 'V', ...HOLDER });
    const bytes = new TextEncoder().encode(`bytes of ${kind}`);
    const file = await upload({ preset, file_format, name: `a.${file_format}`, duration: 3 }, bytes);
    await attach(file['id'], made1 as Id);
    expect(await node(made1)).toMatchObject({ complete: true });
    const deleted = await api.call('DELETE', `/api/file/${file['id'] as string}`);
    expect(deleted.json).toEqual({ status: 'success' });
    expect(await node(made1)).toMatchObject({ complete: false });
  });

  test('a file that is attached before its bytes came completes the node when they do', async () => {
    const { id } = await api.channel();
    const { id: made1 } = await made({ parent: id, kind: 'document', title: 'D', ...HOLDER });
    const bytes = new TextEncoder().encode('later');
    const key = freshId();
    const obj = {
      contentnode: made1 as Id,
      size: bytes.byteLength,
      checksum: md5(bytes),
      name: 'l.pdf',
      file_format: 'pdf',
      preset: 'document',
    };
    await api.sync([{ type: 'CREATED', table: 'file', key, channel_id: id, obj }]);
    expect(await node(made1)).toMatchObject({ complete: false });
    await upload({ id: key, name: 'l.pdf' }, bytes);
    expect(await node(made1)).toMatchObject({ complete: true });
  });

  test('a thumbnail completes nothing, and is shown', async () => {
    const { id } = await api.channel();
    const { id: made1 } = await made({ parent: id, kind: 'document', title: 'D', ...HOLDER });
    const bytes = new TextEncoder().encode('no picture but called one');
    const file = await upload({ preset: 'document_thumbnail', file_format: 'png', name: 't.png' }, bytes);
    const { url } = await attach(file['id'], made1 as Id);
    expect(await node(made1)).toMatchObject({ complete: false, thumbnail_src: url, thumbnail_encoding: null });
    const encoding = { base64: 'data:image/png;base64,AA' };
    expect(await patched(made1, { thumbnail_encoding: encoding })).toMatchObject({ thumbnail_src: encoding.base64 });
    expect(await patched(made1, { thumbnail_encoding: null })).toMatchObject({ thumbnail_src: url });
  });

  test('an exercise: criteria, licence and a question with an answer, each taken away again', async () => {
    const { id } = await api.channel();
    const { id: made1 } = await made({ parent: id, kind: 'exercise', title: 'E', ...HOLDER, extra_fields: MASTERY });
    const add = item(id, made1);
    await api.sync([add]);
    expect(await node(made1)).toMatchObject({ complete: true, assessment_item_count: 1 });
    const change = { table: 'assessmentitem', key: add['key'] as Id, channel_id: id };
    await api.sync([{ ...change, type: 'UPDATED', mods: { answers: [] } }]);
    expect(await node(made1)).toMatchObject({ complete: false });
    await api.sync([{ ...change, type: 'UPDATED', mods: { raw_data: 'perseus' } }]);
    expect(await node(made1)).toMatchObject({ complete: true });
    expect(await patched(made1, { 'extra_fields.options.completion_criteria': null })).toMatchObject({
      complete: false,
    });
    expect(await patched(made1, { extra_fields: MASTERY })).toMatchObject({ complete: true });
    await api.sync([{ ...change, type: 'DELETED' }]);
    expect(await node(made1)).toMatchObject({ complete: false, assessment_item_count: 0 });
  });

  test.each([
    [{ license: null }, false],
    [{ license: 1 }, true],
    [{ license: 1, copyright_holder: '' }, false],
    [{ license: 8, copyright_holder: '' }, true],
    [{ license: 9, license_description: null }, false],
    [{ license: 9, license_description: 'Mine' }, true],
    [{ title: '' }, false],
    [{ title: '', complete: true }, false],
    [{ complete: false }, true],
    [{ 'extra_fields.options.completion_criteria': { model: 'pages', threshold: '101%' } }, false],
    [{ 'extra_fields.options.completion_criteria': { model: 'pages', threshold: '100%' } }, true],
    [{ 'extra_fields.options.completion_criteria': { model: 'time' } }, false],
  ])('%j', async (fields, complete) => {
    const { id } = await api.channel();
    const { id: made1 } = await made({ parent: id, kind: 'document', title: 'D', ...HOLDER });
    await attach((await upload())['id'], made1 as Id);
    expect(await patched(made1, fields as JsonObject)).toMatchObject({ complete });
  });
});

describe('extra_fields', () => {
  test('an exercise of old is told in today’s terms, wherever it was written', async () => {
    const { id } = await api.channel();
    const old = { mastery_model: 'm_of_n', m: 3, n: 5, randomize: true };
    const today = {
      randomize: true,
      options: {
        completion_criteria: { model: 'mastery', threshold: { mastery_model: 'm_of_n', m: 3, n: 5 } },
      },
    };
    const first = await made({ parent: id, kind: 'exercise', title: 'E', extra_fields: old });
    expect(first['extra_fields']).toEqual(today);
    const second = await made({ parent: id, kind: 'exercise', title: 'E' });
    expect((await patched(second['id'], { extra_fields: old }))['extra_fields']).toEqual(today);
    const { threshold } = (
      (await patched(second['id'], { 'extra_fields.mastery_model': 'do_all', 'extra_fields.m': 3 }))[
        'extra_fields'
      ] as {
        options: { completion_criteria: { threshold: JsonObject } };
      }
    ).options.completion_criteria;
    expect(threshold).toEqual({ mastery_model: 'do_all', m: null, n: null });
    const log = (await api.get(`/api/channel/${id}/changes`)).json['results'] as JsonObject[];
    expect(log.find(({ key, type }) => key === first['id'] && type === 'CREATED')?.['obj']).toMatchObject({
      extra_fields: today,
    });
  });

  test('what is complete by reference has no threshold', async () => {
    const { id } = await api.channel();
    const criteria = { model: 'reference', threshold: 7 };
    const { extra_fields } = await made({
      parent: id,
      kind: 'document',
      title: 'D',
      extra_fields: { options: { completion_criteria: criteria } },
    });
    expect(extra_fields).toEqual({ options: { completion_criteria: { model: 'reference' } } });
  });

  test.each([
    ['exercise', { model: 'reference' }],
    ['video', { model: 'mastery' }],
    ['document', { model: 'determined_by_resource' }],
    ['document', { model: 'no such' }],
    ['document', 'text'],
  ])('%s cannot have %j', async (kind, completion_criteria) => {
    const { id } = await api.channel();
    const reply = await api.post('/api/contentnode', {
      parent: id,
      kind,
      title: 'X',
      extra_fields: { options: { completion_criteria } },
    });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject({
      error: { code: 'invalid_value', field: expect.stringMatching(/^extra_fields\.options\.completion_criteria/) },
    });
  });
});

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

describe('Idempotency-Key', () => {
  test('a request that comes again gets the very answer of its first time, and does nothing', async () => {
    const { id } = await api.channel();
    const again = async (
      method: string,
      path: string,
      body: JsonObject | undefined,
      between: () => Promise<unknown>,
    ) => {
      const headers = { 'idempotency-key': freshId() };
      const first = await api.call(method, path, body, headers);
      await between();
      const second = await api.call(method, path, body, headers);
      expect([second.status, second.text]).toEqual([first.status, first.text]);
      expect(first.status).toBeLessThan(300);
      return first.json;
    };
    let topic = '';
    const obj = { parent: id, kind: 'topic', title: 'first' };
    const made1 = await again('POST', '/api/contentnode', obj, async () => {
      topic = ((await api.get(`/api/contentnode?parent=${id}`)).json['results'] as [{ id: Id }])[0].id;
      await patched(topic, { title: 'changed since' });
    });
    expect(made1).toMatchObject({ id: topic, title: 'first' });
    await again('PATCH', `/api/contentnode/${topic}`, { title: 'third' }, () => patched(topic, { title: 'fourth' }));
    expect(await node(topic)).toMatchObject({ title: 'fourth' });
    await again('PATCH', `/api/contentnode/${topic}`, { title: 'fifth' }, () =>
      api.call('DELETE', `/api/contentnode/${topic}`),
    );
    const other = await made({ parent: id, kind: 'topic', title: 'other' });
    await again('DELETE', `/api/contentnode/${other['id'] as string}`, undefined, () => Promise.resolve());
    await again('PATCH', `/api/channel/${id}`, { name: 'N' }, () =>
      api.call('PATCH', `/api/channel/${id}`, { name: 'M' }),
    );
    const published = await again('POST', `/api/channel/${id}/publish`, {}, () =>
      api.post(`/api/channel/${id}/publish`, {}),
    );
    expect(published).toMatchObject({ version: 1 });
    expect((await api.get(`/api/channel/${id}`)).json).toMatchObject({ version: 2, name: 'M' });
    await again('DELETE', `/api/channel/${id}`, undefined, () => Promise.resolve());
  });

  test('a refusal is answered again, and another request under the key is refused', async () => {
    const { id } = await api.channel();
    const headers = { 'idempotency-key': freshId() };
    const body = { parent: id, kind: 'topic', title: 'T', id: freshId() };
    await api.post('/api/contentnode', body);
    const first = await api.call('POST', '/api/contentnode', body, headers);
    expect(first).toMatchObject({ status: 409, json: { error: { code: 'already_exists' } } });
    expect((await api.call('POST', '/api/contentnode', body, headers)).text).toBe(first.text);
    const other = await api.call('POST', '/api/contentnode', { ...body, title: 'U' }, headers);
    expect(other).toMatchObject({ status: 409, json: { error: { code: 'rev_reused' } } });
  });
});
