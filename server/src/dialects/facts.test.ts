import { afterAll, beforeAll, expect, it } from 'vitest';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { startTestServer, type Api, type TestServer } from '../http/testing/harness.ts';
import type { Consumer } from './testing/learnosity.ts';
import { pngOf, waysOf } from './testing/ways.ts';

let test: TestServer;
let ada: Api;
let db: Database;

beforeAll(async () => {
  test = await startTestServer();
  ada = await test.user('ada');
  db = new BetterSqlite3(test.settings.databaseFile, { readonly: true });
});
afterAll(async () => {
  db.close();
  await test.stop();
});

const count = (table: string, where: string) =>
  (db.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${where}`).get() as { n: number }).n;

it('leaves nothing of what was said of a file when the file goes', async () => {
  const consumer = (await test.server.admin('learnosity.add', { organisation: 1, user: 'ada' })) as unknown as Consumer;
  const ways = waysOf(test, ada, consumer);
  for (const [index, [name, way]] of Object.entries(ways).entries()) {
    const id = await way(pngOf(index));
    const list = await fetch(`${test.server.url}/api/files?key=${test.admin.token}`);
    const files = (await list.json()) as { id: number; filename: string }[];
    const number = files.find(({ filename }) => filename.startsWith(id))?.id;
    const texts = JSON.stringify({ element_texts: [{ text: 'T', html: false, element: { id: 50 } }] });
    const described = await fetch(`${test.server.url}/api/files/${number}?key=${test.admin.token}`, {
      method: 'PUT',
      body: texts,
    });
    expect(described.status, name).toBe(200);
    const rows = () => [
      count('file_facts', `file = '${id}'`),
      count('omeka_text', `record = 'file' AND number = ${number}`),
      count('learnosity_asset', `file = '${id}'`),
    ];
    expect(rows(), name).toEqual([1, 1, name === 'Learnosity' ? 1 : 0]);
    const headers = { authorization: `Bearer ${ada.token}` };
    const gone = await fetch(`${test.server.url}/api/v1/storage/meta/${id}`, { method: 'DELETE', headers });
    expect(gone.status, name).toBe(200);
    expect(rows(), name).toEqual([0, 0, 0]);
  }
});
