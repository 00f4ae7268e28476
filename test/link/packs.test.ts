import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startKillable, TOKEN, type KillableServer } from '../crash/process.ts';
import { openDesk, type Desk } from './desk.ts';
import { openLink, type Link } from './link.ts';

/** The client library's packs and the real server, over a line on which what was sent can be counted. */
let server: KillableServer;
beforeAll(async () => {
  server = await startKillable();
});
afterAll(() => server.remove());

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

async function deskOver(bytesPerSecond: number, documents: number): Promise<{ link: Link; desk: Desk }> {
  const link = await openLink(server.url, { bytesPerSecond, roundTrip: 0, cutEvery: 0 });
  open.push(() => link.close());
  const desk = await openDesk(server.url, link.url, TOKEN, documents);
  open.push(() => desk.close());
  return { link, desk };
}

const pdf = (size: number) => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(size - 9)]);
const many = (count: number, size: number) => Array.from({ length: count }, (_, index) => pdf(size + index));
const FAST = 50_000_000;

async function stored(desk: Desk, ids: readonly string[], files: readonly Buffer[]): Promise<number> {
  let whole = 0;
  for (const [index, id] of ids.entries()) if (await desk.isStored(id, files[index] as Buffer)) whole += 1;
  return whole;
}

describe('many small files', { timeout: 90_000 }, () => {
  it('arrive byte for byte, and cost little more than their bytes', async () => {
    const files = many(100, 4_000);
    const { link, desk } = await deskOver(FAST, files.length);
    const ids = await desk.attach(files);
    link.begin();
    await desk.client.files.drain();
    const bytes = files.reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(await stored(desk, ids, files)).toBe(files.length);
    // Two requests; what is told of each file, twice.
    expect(link.sent - bytes).toBeLessThan(files.length * 800);
    await desk.client.sync();
    expect(await desk.client.database.upload.count()).toBe(0);
  });

  it('of which the server has some are sent without these', async () => {
    const files = many(20, 20_000);
    const first = await deskOver(FAST, files.length);
    await first.desk.attach(files.slice(0, 10));
    await first.desk.client.files.drain();
    const { link, desk } = await deskOver(FAST, files.length);
    const ids = await desk.attach(files);
    link.begin();
    await desk.client.files.drain();
    expect(await stored(desk, ids, files)).toBe(files.length);
    expect(link.sent).toBeLessThan(10 * 20_019 + 20_000);
  });

  it('of which one went bad on the device arrive without it, and it says why', async () => {
    const files = many(10, 5_000);
    const { desk } = await deskOver(FAST, files.length);
    const ids = await desk.attach(files);
    const bad = ids[3] as string;
    await desk.client.database.slice.put({ file: bad, index: 0, bytes: new Uint8Array(pdf(5_003)).buffer });
    await expect(desk.client.files.drain()).rejects.toMatchObject({ kind: 'refused' });
    expect(await stored(desk, ids, files)).toBe(9);
    expect(await desk.client.database.upload.toArray()).toMatchObject([
      { id: bad, state: 'refused', error: { code: 'checksum_mismatch' } },
    ]);
  });

  it('arrive although the server is killed in the midst of them, and go on where they were', async () => {
    const files = many(60, 50_000);
    const bytes = files.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const { link, desk } = await deskOver(700_000, files.length);
    const ids = await desk.attach(files);
    link.begin();
    const since = new Date().toISOString();
    const sent = desk.send(ids);
    const acknowledged = await firstAcknowledged(since);
    const sentBefore = link.sent;
    await server.kill();
    await server.start();
    await sent;
    expect(await stored(desk, ids, files)).toBe(files.length);
    // Twice goes only what was not acknowledged yet, and what is asked while nobody answers.
    expect(acknowledged).toBeGreaterThan(500_000);
    expect(link.sent).toBeLessThan(bytes + sentBefore - acknowledged + 400_000);
  });
});

/**
 * Waits until bytes of an unfinished upload are durable; how many there are of all that were begun since. A HEAD would
 * end what it asks about.
 */
async function firstAcknowledged(since: string): Promise<number> {
  const db = new Sqlite(join(server.dataDir, 'cambium.db'), { readonly: true });
  const row = db.prepare<[string], { all: number | null; unfinished: number | null }>(
    `SELECT sum(offset) AS "all", sum(offset) FILTER (WHERE state = 'receiving') AS unfinished
     FROM upload WHERE created >= ?`,
  );
  try {
    for (;;) {
      const { all, unfinished } = row.get(since) ?? {};
      if ((unfinished ?? 0) > 0) return all ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    db.close();
  }
}
