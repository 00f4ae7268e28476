import { type Id, type JsonObject } from '@cambium/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, freshId, type Api, type TestServer } from './testing/harness.ts';

let server: TestServer;
let ada: Api;
let bob: Api;
/** Where the copies come from, and where they are. */
let source: { id: Id; topics: Id[] };
let other: { id: Id; topics: Id[] };
let course: { id: Id; topics: Id[] };
const copies: Id[] = [];

beforeAll(async () => {
  server = await startTestServer();
  [ada, bob] = [await server.user('ada'), await server.user('bob')];
  source = await ada.channel(['a']);
  other = await ada.channel(['b']);
  course = await ada.channel([]);
  for (const { id } of [source, other, course]) await setRole(id, 'viewer');
  for (const { topics } of [source, other]) {
    const copy = freshId();
    await ada.sync([
      {
        type: 'COPIED',
        table: 'contentnode',
        key: copy,
        channel_id: course.id,
        from_key: topics[0] as Id,
        target: course.id,
      },
    ]);
    copies.push(copy);
  }
});
afterAll(() => server.stop());

async function setRole(channel: Id, role: string | null): Promise<void> {
  const path = `/api/channel/${channel}/members/${bob.userId}`;
  const { status } = role === null ? await ada.call('DELETE', path) : await ada.call('PUT', path, { role });
  expect(status).toBeLessThan(300);
}

async function rename(channel: Id, name: string): Promise<void> {
  expect((await ada.call('PATCH', `/api/channel/${channel}`, { name })).status).toBe(200);
}

/** What one sees of the first copy: by itself, in a list, in a snapshot of now and in one of then. */
async function seen(api: Api): Promise<unknown[]> {
  const [copy] = copies;
  const { results } = (await api.get(`/api/contentnode?id__in=${copy}`)).json as { results: JsonObject[] };
  const { server_rev } = JSON.parse(
    (await api.get(`/api/channel/${course.id}/snapshot`)).text.split('\n')[0] as string,
  ) as {
    server_rev: number;
  };
  const snapshots = [];
  for (const query of ['', `?at=${server_rev}`]) {
    const lines = (await api.get(`/api/channel/${course.id}/snapshot${query}`)).text.trim().split('\n');
    const rows = lines.map((line) => (JSON.parse(line) as { row?: JsonObject }).row);
    snapshots.push(rows.find((row) => row?.['id'] === copy)?.['original_channel_name']);
  }
  return [
    (await api.get(`/api/contentnode/${copy}`)).json['original_channel_name'],
    results[0]?.['original_channel_name'],
    ...snapshots,
  ];
}

describe('the name of the channel that a node was copied from', () => {
  const fourTimes = (name: string | null) => Array.from({ length: 4 }, () => name);

  it('is its present one for who may view that channel', async () => {
    await rename(source.id, 'Shared');
    expect(await seen(bob)).toEqual(fourTimes('Shared'));
  });

  it('is kept from who may not view it any more, and told again to who may', async () => {
    await setRole(source.id, null);
    await rename(source.id, 'Secret');
    expect(await seen(bob)).toEqual(fourTimes(null));
    expect(await seen(ada)).toEqual(fourTimes('Secret'));
    expect(await seen(server.admin)).toEqual(fourTimes('Secret'));
    await setRole(source.id, 'viewer');
    expect(await seen(bob)).toEqual(fourTimes('Secret'));
    await setRole(source.id, null);
  });

  it('is not told by the order of a list either', async () => {
    const ordered = async () => {
      const query = `channel_id=${course.id}&id__in=${copies.join(',')}&ordering=original_channel_name`;
      const { results } = (await bob.get(`/api/contentnode?${query}`)).json as { results: JsonObject[] };
      return results.map(({ id, original_channel_name }) => [id, original_channel_name]);
    };
    await rename(other.id, 'M');
    for (const name of ['A', 'Z']) {
      await rename(source.id, name);
      expect(await ordered()).toEqual([
        [copies[0], null],
        [copies[1], 'M'],
      ]);
    }
  });

  it('is its own for a node that was never copied', async () => {
    await rename(course.id, 'Course');
    expect((await bob.get(`/api/contentnode/${course.id}`)).json['original_channel_name']).toBe('Course');
  });
});
