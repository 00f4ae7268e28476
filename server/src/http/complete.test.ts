import type { Id, JsonObject } from '@cambium/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshId, type Api, startTestServer, type TestServer } from './testing/harness.ts';
import { item, md5, nodeCalls } from './testing/nodeCalls.ts';

let world: TestServer;
let api: Api;

beforeAll(async () => {
  world = await startTestServer();
  api = await world.user('author');
});
afterAll(() => world.stop());

const { made, node, patched, upload, attach } = nodeCalls(() => api);

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
