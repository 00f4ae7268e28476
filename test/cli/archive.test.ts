import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSettings, startServer, type RunningServer } from '@cambium/server';
import { cambium, type Run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambium-archive-'));
const token = 'a-token-of-the-tests-for-archives';
const servers: Record<string, RunningServer> = {};

async function serve(name: string, adminToken: string | undefined = token): Promise<RunningServer> {
  const environment = { DATA_DIR: join(folder, name), PORT: '0', LOG_LEVEL: 'error' };
  return (servers[name] = await startServer(
    readSettings(adminToken === undefined ? environment : { ...environment, ADMIN_TOKEN: adminToken }, folder),
  ));
}

/** Rows of a channel as another server should have them: without what each server says for itself. */
async function rowsOf(server: RunningServer, channel: string, as: string): Promise<unknown[]> {
  const headers = { authorization: `Token ${as}` };
  const answer = await fetch(`${server.url}/api/channel/${channel}/snapshot`, { headers });
  const own = new Set(['modified', 'changed', 'uploaded_by', 'url', 'published']);
  return (await answer.text())
    .trimEnd()
    .split('\n')
    .slice(1, -1)
    .map((line) => JSON.parse(line, (key, value: unknown) => (own.has(key) ? undefined : value)) as unknown)
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

const lastLine = (run: Run): Record<string, unknown> => {
  expect(run.err).toBe('');
  return JSON.parse(run.out) as Record<string, unknown>;
};

let source: RunningServer;
let sourceToken: string;
let channel: string;
const file = join(folder, 'course.cambium');

beforeAll(async () => {
  // The course that a first start makes has every kind of node, exercises with items, tags.
  const environment = { DATA_DIR: join(folder, 'source'), PORT: '0', LOG_LEVEL: 'error' };
  source = servers['source'] = await startServer(readSettings(environment, folder));
  sourceToken = source.openToken as string;
  const headers = { authorization: `Token ${sourceToken}`, 'content-type': 'application/json' };
  const listed = await fetch(`${source.url}/api/channel`, { headers });
  channel = ((await listed.json()) as { results: { id: string }[] }).results[0]?.id as string;
  const nodes = `${source.url}/api/contentnode?channel_id=${channel}&kind=document`;
  const document = ((await (await fetch(nodes, { headers })).json()) as { results: { id: string }[] }).results[0]?.id;
  // Two files of one content, one of them for nothing in particular.
  writeFileSync(join(folder, 'a.pdf'), 'the bytes of a document');
  for (const preset of ['document', 'attachment']) {
    const metadata = { filename: 'ä.pdf', filetype: 'application/pdf', preset };
    const upload = await fetch(`${source.url}/api/upload`, {
      method: 'POST',
      headers: {
        authorization: `Token ${sourceToken}`,
        'tus-resumable': '1.0.0',
        'upload-length': '23',
        'content-type': 'application/offset+octet-stream',
        'upload-metadata': Object.entries(metadata)
          .map(([name, text]) => `${name} ${Buffer.from(text).toString('base64')}`)
          .join(','),
      },
      body: readFileSync(join(folder, 'a.pdf')),
    });
    expect(upload.status).toBe(201);
    const id = upload.headers.get('location')?.split('/').at(-1);
    const body = JSON.stringify({ contentnode: document });
    expect((await fetch(`${source.url}/api/file/${id}`, { method: 'PATCH', headers, body })).status).toBe(200);
  }
}, 60_000);

afterAll(async () => {
  for (const server of Object.values(servers)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('an exported channel is imported elsewhere with every row and byte, here again under other ids', async () => {
  const env = { CAMBIUM_SERVER: source.url, CAMBIUM_TOKEN: sourceToken };
  const exported = lastLine(await cambium(['export', channel, file, '--json'], { env }));
  expect(exported).toMatchObject({ files: 1, bytes: 23 });
  expect(readdirSync(folder).filter((name) => name.startsWith('course'))).toEqual(['course.cambium']);

  const target = await serve('target');
  const elsewhere = { CAMBIUM_SERVER: target.url, CAMBIUM_TOKEN: token };
  expect(lastLine(await cambium(['import', file, '--json'], { env: elsewhere }))).toMatchObject({ channel, files: 2 });
  const rows = await rowsOf(source, channel, sourceToken);
  expect(rows.length).toBe(exported['rows']);
  expect(await rowsOf(target, channel, token)).toEqual(rows);

  const again = lastLine(await cambium(['import', file, '--json'], { env: elsewhere }));
  expect(again['channel']).not.toBe(channel);
  const copied = (await rowsOf(target, again['channel'] as string, token)) as { row: Record<string, unknown> }[];
  expect(copied.length).toBe(rows.length);
  const contents = (all: unknown[]) =>
    new Set((all as typeof copied).map(({ row }) => JSON.stringify([row['title'], row['kind'], row['content_id']])));
  const shared = [...contents(rows)].filter((text) => !text.includes(channel));
  expect([...contents(copied)]).toEqual(expect.arrayContaining(shared));
  for (const name of ['source', 'target']) {
    expect((await cambium(['check'], { env: { DATA_DIR: join(folder, name) } })).out).toBe('everything holds\n');
  }
}, 90_000);

it('a server is backed up while it runs and restored into another folder, by the command line', async () => {
  const backup = join(folder, 'all.backup');
  const made = await cambium(['backup', backup], { env: { DATA_DIR: join(folder, 'source') } });
  expect([made.code, made.err]).toEqual([0, '']);
  const DATA_DIR = join(folder, 'restored');
  const restored = await cambium(['restore', backup], { env: { DATA_DIR } });
  expect([restored.code, restored.err]).toEqual([0, '']);
  expect((await cambium(['check'], { env: { DATA_DIR } })).out).toBe('everything holds\n');
  const again = await cambium(['restore', backup], { env: { DATA_DIR } });
  expect([again.code, again.err]).toEqual([2, expect.stringMatching(/^cambium: \S+ is not empty: .*\n$/)]);
  const server = await serve('restored', undefined);
  expect(await rowsOf(server, channel, sourceToken)).toEqual(await rowsOf(source, channel, sourceToken));
}, 90_000);

it('what is no export or backup is refused in one line', async () => {
  const damaged = join(folder, 'damaged');
  writeFileSync(damaged, readFileSync(file).subarray(0, 4096));
  const env = { CAMBIUM_SERVER: source.url, CAMBIUM_TOKEN: sourceToken, DATA_DIR: join(folder, 'never') };
  for (const command of ['import', 'restore']) {
    const run = await cambium([command, damaged], { env });
    expect([run.code, run.err]).toEqual([1, expect.stringMatching(/^cambium: [^\n]+\n$/)]);
  }
  expect(readdirSync(folder)).not.toContain('never');
  expect((await cambium(['export', 'not-an-id'], { env })).code).toBe(2);
}, 60_000);
