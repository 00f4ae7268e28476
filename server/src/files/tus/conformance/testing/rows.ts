import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FilesSettings } from '../../../deps.ts';
import { startFiles, type FilesServer } from '../../../testing/server.ts';
import { tusCaller, type TusCaller } from '../../../testing/tus.ts';

/** How the protocol puts it; `NEED` is not in it, but clients on real networks cannot do without. */
type Level = 'MUST' | 'SHOULD' | 'MAY' | 'NEED';

/** One demand, and the test of it from outside, over HTTP. */
export type Row = readonly [level: Level, demand: string, holds: () => Promise<void>];

export function testRows(rows: readonly Row[]): void {
  test.each(rows)('%s: %s', async (_level, _demand, holds) => {
    await holds();
  });
}

/** A server and its user, there before the first row and gone after the last; no row may make the server fail. */
export interface Ground {
  server: FilesServer;
  tus: TusCaller;
}

/** Enough for an upload of 5 TiB to be reserved. */
const ROOMY = 2 ** 44;

export function onServer(settings: Partial<FilesSettings> = {}): Ground {
  const ground = {} as Ground;
  beforeAll(async () => {
    ground.server = await startFiles(settings);
    await ground.server.user('ann', ROOMY);
    ground.tus = tusCaller(ground.server, 'ann');
  });
  afterAll(async () => {
    expect(ground.server.errors).toEqual([]);
    await ground.server.stop();
  });
  return ground;
}

export const BYTES = { 'Content-Type': 'application/offset+octet-stream' };

/** What the upload's own URL gives. */
export async function contentOf({ tus }: Ground, url: string): Promise<Buffer> {
  const answer = await tus.request('GET', url);
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

/** Uploads that there are, in whatever state. */
export function uploadsOf({ server }: Ground): number {
  const row = server.connection.raw.prepare<[], { n: number }>('SELECT count(*) AS n FROM upload').get();
  return row?.n ?? 0;
}

/** The URL of an upload that has all its bytes. */
export async function finished({ tus }: Ground, bytes: string, metadata?: Record<string, string>): Promise<string> {
  const url = await tus.made(bytes.length, metadata);
  expect((await tus.patch(url, 0, bytes)).status).toBe(204);
  return url;
}

/** What a test about refusals looks at: the offset stands where it stood. */
export async function expectOffset({ tus }: Ground, url: string, offset: number): Promise<void> {
  const head = await tus.head(url);
  expect([head.status, head.headers.get('Upload-Offset')]).toEqual([200, String(offset)]);
}
