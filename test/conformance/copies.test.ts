import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { derivedId, type Id, type JsonObject } from '@cambium/protocol';
import { type CambiumClient, nodeDeps, openClient } from '@cambium/client';
import { readSettings, startServer, type RunningServer } from '@cambium/server';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';

const TOKEN = 'a-token-for-tests-only-1';
let data: string;
let server: RunningServer;
const clients: CambiumClient[] = [];

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'cambium-copies-'));
  const settings = readSettings({ PORT: '0', DATA_DIR: data, ADMIN_TOKEN: TOKEN, LOG_LEVEL: 'error' }, data);
  server = await startServer(settings, { writer: 'inline' });
});
afterAll(async () => {
  for (const client of clients) await client.close();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});

async function call(method: string, path: string, body: JsonObject): Promise<JsonObject> {
  const headers = { authorization: `Token ${TOKEN}`, 'content-type': 'application/json' };
  const response = await fetch(server.url + path, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as JsonObject;
}

async function connect(token: string, name: string): Promise<CambiumClient> {
  const deps = nodeDeps({ indexedDB: new IDBFactory(), IDBKeyRange });
  const client = await openClient({ server: server.url, token, name, deps, autoSync: false });
  clients.push(client);
  return client;
}

test('what is edited offline inside a copy that no server has seen arrives, and every reader sees the same', async () => {
  const made = await call('POST', '/api/user', { username: 'ann' });
  const [admin, ann] = [await connect(TOKEN, 'admin'), await connect(made['token'] as string, 'ann')];
  const library = await admin.createChannel({ name: 'Library' });
  const shelf = await admin.channel(library).create({ parent: library, kind: 'topic', title: 'Shelf' });
  const quiz = await admin.channel(library).create({ parent: shelf, kind: 'exercise', title: 'Quiz' });
  const other = await admin.channel(library).create({ parent: shelf, kind: 'topic', title: 'Other' });
  const item = derivedId(library, quiz);
  const question = { type: 'CREATED', table: 'assessmentitem', key: item, obj: { contentnode: quiz, question: '?' } };
  await admin.channel(library).change(question);
  await admin.sync();
  await call('PUT', `/api/channel/${library}/members/${ann.user.id}`, { role: 'viewer' });
  await ann.follow(library);

  // All of this without a request.
  const mine = await ann.createChannel({ name: 'Mine' });
  const edit = ann.channel(mine);
  const copy = await edit.copy(shelf, { target: mine, mods: { title: 'My shelf' } });
  const inside = (source: Id) => derivedId(copy, source);
  await edit.update(inside(quiz), { title: 'My quiz' });
  await edit.change({ type: 'UPDATED', table: 'assessmentitem', key: inside(item), mods: { question: 'Mine?' } });
  await edit.move(inside(other), { target: inside(quiz), position: 'left' });
  const second = await edit.copy(inside(quiz), { target: inside(other) });
  await edit.remove(inside(quiz));

  // The source changes before the copy arrives: a copy is made of what is there then.
  await admin.channel(library).update(other, { description: 'new' });
  await admin.sync();
  await ann.sync();
  expect(await ann.rescued()).toEqual([]);
  const reader = await connect(made['token'] as string, 'reader');
  await reader.follow(mine);
  const outline = async (client: CambiumClient): Promise<string[]> => {
    const lines: string[] = [];
    for await (const { id, parent_id, title, description } of client.rows(mine))
      lines.push([id, parent_id, title, description].join(' '));
    return lines;
  };
  expect(await outline(ann)).toEqual([
    `${mine}  Mine `,
    `${copy} ${mine} My shelf `,
    `${inside(other)} ${copy} Other new`,
    `${second} ${inside(other)} My quiz `,
  ]);
  expect(await outline(reader)).toEqual(await outline(ann));
  const stored = await firstValueFrom(reader.channel(mine).node$(second));
  expect(stored).toMatchObject({ original_channel_id: library, source_channel_id: mine, source_node_id: inside(quiz) });
});
