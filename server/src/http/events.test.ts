import type { Id, JsonObject } from '@cambium/protocol';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Timers } from '../deps.ts';
import { realWorld } from '../world.ts';
import { Api, freshId, startTestServer, topic, type TestServer } from './testing/harness.ts';

const HEARTBEAT = 15_000;

/** The server's timers, real but for the heartbeat, which is fired by hand. */
const waiting = new Set<() => void>();
const timers: Timers = {
  after(ms, callback) {
    if (ms !== HEARTBEAT) return realWorld('silent').timers.after(ms, callback);
    waiting.add(callback);
    return () => waiting.delete(callback);
  },
};
function beat(): void {
  const due = new Set(waiting);
  waiting.clear();
  for (const callback of due) callback();
}

let world: TestServer;
let owner: Api;
const open: AbortController[] = [];
beforeAll(async () => {
  world = await startTestServer({}, { world: { timers } });
  owner = await world.user('owner');
});
afterEach(() => {
  for (const stream of open.splice(0)) stream.abort();
});
afterAll(() => world.stop());

interface Listening {
  status: number;
  /** Everything that came, as text. */
  text(): string;
  events(): { event: string; data: JsonObject }[];
  ended: Promise<void>;
}

async function listen(api: Api, channels: Id[] = [], headers: Record<string, string> = {}): Promise<Listening> {
  const abort = new AbortController();
  open.push(abort);
  const query = channels.map((id) => `channel=${id}`).join('&');
  const response = await fetch(`${api.url}/api/sync/events?${query}`, {
    headers: { authorization: `Token ${api.token}`, ...headers },
    signal: abort.signal,
  });
  let text = '';
  const read = async () => {
    for await (const piece of response.body ?? []) text += Buffer.from(piece).toString();
  };
  return {
    status: response.status,
    text: () => text,
    events: () =>
      [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map((match) => ({
        event: match[1] as string,
        data: JSON.parse(match[2] as string) as JsonObject,
      })),
    ended: read().catch((error: unknown) => {
      if (!abort.signal.aborted) throw error;
    }),
  };
}

const rev = (channel_id: Id, server_rev: number) => ({ event: 'rev', data: { channel_id, server_rev } });
const role = (channel_id: Id, name: string | null) => ({ event: 'channel', data: { channel_id, role: name } });

test('on connecting the heads come, then each commit once', async () => {
  const { id } = await owner.channel(['A']);
  const stream = await listen(owner, [id], { 'last-event-id': 'whatever' });
  await vi.waitFor(() => expect(stream.events()).toEqual([rev(id, 2)]));
  expect(stream.text()).toMatch(/^id: \S+$/m);
  await owner.sync([topic(id, freshId(), id, 'B'), topic(id, freshId(), id, 'C')]);
  await owner.post('/api/contentnode', { parent: id, kind: 'topic', title: 'D' });
  await vi.waitFor(() => expect(stream.events()).toEqual([rev(id, 2), rev(id, 4), rev(id, 5)]));
});

test('silence is broken every 15 seconds', async () => {
  const { id } = await owner.channel();
  const stream = await listen(owner, [id]);
  await vi.waitFor(() => expect(stream.events()).toHaveLength(1));
  beat();
  await vi.waitFor(() => expect(stream.text()).toMatch(/\n\n:\n\n$/));
  beat();
  await vi.waitFor(() => expect(stream.text()).toMatch(/\n\n:\n\n:\n\n$/));
});

test('what one may not view: 404 alone, a role of null beside what one may', async () => {
  const stranger = await world.user('stranger');
  const [{ id: mine }, { id: foreign }] = [await stranger.channel(), await owner.channel()];
  for (const channels of [[foreign], [freshId()], ['nonsense']])
    expect((await listen(stranger, channels)).status).toBe(404);
  const stream = await listen(stranger, [mine, foreign]);
  await vi.waitFor(() => expect(stream.events()).toEqual([rev(mine, 1), role(foreign, null)]));
  await owner.sync([topic(foreign, freshId(), foreign, 'A')]);
  await stranger.sync([topic(mine, freshId(), mine, 'A')]);
  await vi.waitFor(() => expect(stream.events()).toEqual([rev(mine, 1), role(foreign, null), rev(mine, 2)]));
});

test('without a choice: all channels, those to come as well; gained, changed and lost roles are told', async () => {
  const guest = await world.user('guest');
  const { id } = await owner.channel(['A']);
  const stream = await listen(guest);
  expect(stream.status).toBe(200);
  const member = `/api/channel/${id}/members/${guest.userId}`;
  await owner.call('PUT', member, { role: 'viewer' });
  await owner.call('PUT', member, { role: 'editor' });
  await guest.sync([topic(id, freshId(), id, 'B')]);
  await owner.call('DELETE', member);
  await owner.sync([topic(id, freshId(), id, 'C')]);
  const own = await guest.channel();
  await vi.waitFor(() =>
    expect(stream.events()).toEqual([
      role(id, 'viewer'),
      role(id, 'editor'),
      rev(id, 3),
      role(id, null),
      role(own.id, 'owner'),
      rev(own.id, 1),
    ]),
  );
});

test('the administrator hears of every channel, those to come as well', async () => {
  const stream = await listen(world.admin);
  const { id } = await owner.channel();
  await vi.waitFor(() => expect(stream.events()).toContainEqual(rev(id, 1)));
});

test('the end of a channel is told to those who were members', async () => {
  const { id } = await owner.channel();
  const stream = await listen(owner, [id]);
  await owner.call('DELETE', `/api/channel/${id}`);
  await vi.waitFor(() => expect(stream.events()).toContainEqual(rev(id, 2)));
});

test('the streams of a disabled user end', async () => {
  const gone = await world.user('gone');
  const { id } = await gone.channel();
  const stream = await listen(gone, [id]);
  await world.server.admin('user.disable', { username: 'gone' });
  await stream.ended;
  expect(stream.events()).toEqual([rev(id, 1)]);
});
