import type { Id, JsonObject } from '@cambium/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshId, type Api, startTestServer, type TestServer } from './testing/harness.ts';
import { nodeCalls } from './testing/nodeCalls.ts';

let world: TestServer;
let api: Api;

beforeAll(async () => {
  world = await startTestServer();
  api = await world.user('author');
});
afterAll(() => world.stop());

const { made, node, patched } = nodeCalls(() => api);

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
