import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type AppTable, newId, type Id, type JsonObject } from '@cambium/protocol';
import { type CambiumClient, nodeDeps, openClient } from '@cambium/client';
import { readSettings, realWorld, startServer, type RunningServer } from '@cambium/server';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const TOKEN = 'a-token-for-tests-only-1';
const AsyncFunction = (async () => undefined).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<void>;

/** The code of docs/tables.md, by the word behind ```js. */
const page = readFileSync(join(root, 'docs', 'tables.md'), 'utf8');
const block = (name: string): string => {
  const found = new RegExp(`\`\`\`js ${name}\\n([^]*?)\`\`\``).exec(page)?.[1];
  if (found === undefined) throw new Error(`docs/tables.md has no example ${name}`);
  return found;
};

let data: string;
let modules: string;
let tables: string;
let server: RunningServer;
const clients: CambiumClient[] = [];
const users = new Map<string, { id: Id; token: string }>();

beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), 'cambium-tables-'));
  // Beside the packages, so that the example finds what it imports.
  modules = mkdtempSync(join(root, 'node_modules', '.cambium-example-'));
  writeFileSync(join(modules, 'tables.mjs'), block('tables'));
  tables = pathToFileURL(join(modules, 'tables.mjs')).href;
});
afterAll(async () => {
  for (const client of clients) await client.close();
  await server.stop();
  for (const folder of [data, modules]) rmSync(folder, { recursive: true, force: true });
});

const freshId = () => newId(Date.now(), realWorld('silent').random);

async function call(token: string, method: string, path: string, body?: JsonObject): Promise<string> {
  const headers = { authorization: `Token ${token}`, 'content-type': 'application/json' };
  const response = await fetch(server.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

async function connect(username: string, list: readonly AppTable[], name = username): Promise<CambiumClient> {
  if (!users.has(username)) {
    users.set(username, JSON.parse(await call(TOKEN, 'POST', '/api/user', { username })) as { id: Id; token: string });
  }
  const deps = nodeDeps({ indexedDB: new IDBFactory(), IDBKeyRange });
  const { token } = users.get(username) as { token: string };
  const client = await openClient({ server: server.url, token, name, deps, tables: list, autoSync: false });
  clients.push(client);
  return client;
}

async function invite(client: CambiumClient, channel: Id): Promise<void> {
  await call(TOKEN, 'PUT', `/api/channel/${channel}/members/${client.user.id}`, { role: 'viewer' });
  await client.follow(channel);
}

/** Runs the second example of the page with what it speaks of. */
async function runExample(): Promise<{ printed: string[]; channel: Id }> {
  const printed: string[] = [];
  let channel = '';
  const settings = readSettings({ PORT: '0', DATA_DIR: data, ADMIN_TOKEN: TOKEN, LOG_LEVEL: 'error' }, data);
  const world: Record<string, unknown> = {
    startServer: async (...args: Parameters<typeof startServer>) => (server = await startServer(...args)),
    settings,
    tables,
    load: (url: string) => import(/* @vite-ignore */ url) as Promise<unknown>,
    connect,
    invite: (client: CambiumClient, at: Id) => invite(client, (channel = at)),
    id: POLL,
    firstValueFrom,
    console: { log: (...words: unknown[]) => printed.push(words.join(' ')) },
  };
  const run = new AsyncFunction(...Object.keys(world), block('use').replace('import(', 'load('));
  await run(...Object.values(world));
  return { printed, channel };
}

const POLL = freshId();

test(
  'the example of docs/tables.md does what it says, with the writer in its own thread',
  { timeout: 60_000 },
  async () => {
    const { printed, channel } = await runExample();
    expect(printed).toEqual(['More pictures? 2']);
    const [ann, ben] = clients as [CambiumClient, CambiumClient];
    const rowsOf = (client: CambiumClient) => firstValueFrom(client.channel(channel).rows$('poll'));
    const row = { id: POLL, channel_id: channel, created_by: ann.user.id, question: 'More pictures?', node: channel };
    expect(await rowsOf(ben)).toEqual([{ ...row, votes: { yes: 2 }, modified: expect.any(String) }]);

    // A replica that is new takes them from the snapshot.
    const third = await connect('ben', [], 'third');
    await third.follow(channel);
    expect(await rowsOf(third)).toEqual(await rowsOf(ben));
    const text = await call(TOKEN, 'GET', `/api/channel/${channel}/snapshot`);
    expect(text).toContain(`{"table":"poll","row":{`);
    const past = await call(TOKEN, 'GET', `/api/channel/${channel}/snapshot?at=2`);
    expect(past).toContain(`"votes":{}`);

    // The schema refuses at once, and what the permission refuses comes back into the rescue list.
    const polls = ben.channel(channel);
    const change = { table: 'poll', key: POLL };
    await expect(polls.change({ ...change, type: 'UPDATED', mods: { question: '' } })).rejects.toMatchObject({
      error: { code: 'invalid_value', field: 'question' },
    });
    await polls.change({ ...change, type: 'DELETED' });
    expect(await rowsOf(ben)).toEqual([]);
    await ben.sync();
    expect(await ben.rescued()).toMatchObject([{ errors: [{ code: 'forbidden' }] }]);
    expect(await rowsOf(ben)).toHaveLength(1);

    // Two votes that wait together are two: they are not folded into one.
    const vote = { ...change, type: 'UPDATED', mods: { 'votes.no': 1 } };
    for (const client of [ben, ben]) await client.channel(channel).change(vote);
    expect((await ben.status()).pending).toBe(2);
    await ben.sync();
    await ann.sync();
    expect(await rowsOf(ann)).toMatchObject([{ votes: { yes: 2, no: 2 } }]);

    await ann.channel(channel).change({ ...change, type: 'DELETED' });
    for (const client of [ann, ben, third]) await client.sync();
    for (const client of [ann, ben, third]) expect(await rowsOf(client)).toEqual([]);
  },
);
