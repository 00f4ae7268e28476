import 'fake-indexeddb/auto';

import { randomBytes } from 'node:crypto';

import { BLANK_NODE, type FileRow, type Id, type NodeRow } from '@cambium/protocol';
import { Dexie, type Table } from 'dexie';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { UPLOAD_STORES, type UploadRow, type UploadTables } from '../database/uploads.ts';
import { localLocks } from '../local-locks.ts';
import { FileServer, metadataOf } from '../testing/file-server.ts';
import { choosePacked, PACKED } from './packs.ts';
import { createUploads, type Uploads } from './uploads.ts';

const CHANNEL = 'c'.repeat(32);
const NODE = 'a'.repeat(32);
type Database = Dexie & UploadTables & { contentnode: Table<NodeRow, Id>; file: Table<FileRow, Id> };

describe('what goes together', () => {
  const row = (id: string, more: Partial<UploadRow> = {}) =>
    ({ id, size: 1000, upload_url: null, attempts: 0, ...more }) as UploadRow;
  const idsOf = (due: UploadRow[], open = due) => choosePacked(due, open).map(({ id }) => id);

  it('is small, not begun, and more than one', () => {
    const large = row('d', { size: PACKED + 1 });
    const troubled = row('e', { attempts: 3 });
    expect(idsOf([row('b'), large, row('a'), troubled])).toEqual(['a', 'b']);
    expect(idsOf([row('a'), large])).toEqual([]);
    expect(idsOf([large, row('a'), row('b')])).toEqual([]);
    expect(idsOf([])).toEqual([]);
  });

  it('has at most eight megabytes', () => {
    const chosen = choosePacked(
      Array.from({ length: 60 }, (_, index) => row(String(index), { size: PACKED })),
      [],
    );
    expect(chosen.length).toBe(31);
  });

  it('is a pack that was begun, all of it', () => {
    const begun = { upload_url: 'x' };
    const other = row('d', { upload_url: 'y' });
    expect(idsOf([row('b', begun)], [row('b', begun)])).toEqual(['b']);
    expect(idsOf([row('b', begun)], [row('b', begun), row('a', begun), other])).toEqual(['a', 'b']);
    expect(idsOf([row('b', begun), row('c')], [row('b', begun), row('c'), row('a', begun)])).toEqual(['a', 'b', 'c']);
  });
});

describe('many small files', () => {
  let server: FileServer;
  let database: Database;
  let uploads: Uploads;

  beforeEach(async () => {
    server = await new FileServer().listen();
    database = new Dexie(`pack-${randomBytes(6).toString('hex')}`) as Database;
    database.version(1).stores({ ...UPLOAD_STORES, contentnode: 'id', file: 'id, contentnode' });
    const node = { ...BLANK_NODE, id: NODE, channel_id: CHANNEL, kind: 'exercise' };
    await database.contentnode.add(node as unknown as NodeRow);
    uploads = create();
  });
  afterEach(async () => {
    await uploads.stop();
    database.close();
    await server.close();
  });

  function create(): Uploads {
    return createUploads({
      database,
      server: server.url,
      token: () => 'good',
      write: async (_channel, changes) => {
        for (const change of changes) {
          if (change.type === 'CREATED')
            await database.file.put({ id: change.key, ...change.obj } as unknown as FileRow);
        }
      },
      world: {
        clock: { now: Date.now },
        timers: {
          after(ms, callback) {
            const timer = setTimeout(callback, ms);
            return () => clearTimeout(timer);
          },
        },
        random: (length) => randomBytes(length),
        fetch: (...args) => fetch(...args),
        locks: localLocks(),
        connectivity: { isOnline: () => true, subscribe: () => () => undefined },
        persist: async () => null,
        available: async () => null,
      },
    });
  }

  async function attach(count: number, size = 5_000): Promise<Map<Id, Buffer>> {
    const all = new Map<Id, Buffer>();
    for (let index = 0; index < count; index += 1) {
      const bytes = randomBytes(size + index);
      all.set(await uploads.attach(NODE, new File([bytes as BlobPart], `${index}.png`)), bytes);
    }
    return all;
  }

  const arrived = (all: Map<Id, Buffer>) =>
    [...all].filter(([id, bytes]) => server.files.get(id)?.uploaded && server.files.get(id)?.bytes.equals(bytes));

  /** The first pack that is begun never arrives: its line is cut. */
  function cutFirstUpload(): void {
    let cuts = 1;
    server.fault = (request, response) => {
      if (request.url !== '/api/upload' || (cuts -= 1) < 0) return false;
      response.destroy();
      return true;
    };
  }

  it('take two requests', async () => {
    const all = await attach(20);
    await uploads.drain();
    expect(server.requests).toEqual(['POST /api/file/known', 'POST /api/upload']);
    expect(arrived(all).length).toBe(20);
    expect(await database.slice.count()).toBe(0);
  });

  it('of several megabytes go in packs, two at a time; after one that fails no other begins', async () => {
    const all = await attach(64, 70_000);
    const posts = () => server.requests.filter((request) => request === 'POST /api/upload').length;
    cutFirstUpload();
    await expect(uploads.drain()).rejects.toMatchObject({ kind: 'retry' });
    expect(posts()).toBe(2);
    const left = await database.upload.toArray();
    const failed = left.filter(({ attempts }) => attempts > 0).length;
    // One of half the size and one whole: of 64 files 9 and 17.
    expect([failed, arrived(all).length].toSorted((a, b) => a - b)).toEqual([9, 17]);
    for (let tries = 0; tries < 3 && arrived(all).length < 64; tries += 1) await uploads.drain().catch(() => undefined);
    expect(arrived(all).length).toBe(64);
    expect(await database.upload.count()).toBe(0);
  });

  it('are not sent when the server has their bytes', async () => {
    const all = await attach(5);
    const [first] = all.keys();
    const { sha256, md5: checksum, size } = (await database.upload.get(String(first))) as UploadRow;
    server.files.set('other', { sha256, checksum, size, uploaded: true, bytes: Buffer.alloc(0) });
    await uploads.drain();
    expect(server.files.has(String(first))).toBe(false);
    expect(arrived(all).length).toBe(4);
    expect(await database.upload.count()).toBe(0);
  });

  it('go on where they broke off, as they were, in a new client too', async () => {
    const all = await attach(10);
    let cuts = 1;
    server.fault = (request, response) => {
      if (request.method !== 'POST' || request.url !== '/api/upload' || (cuts -= 1) < 0) return false;
      // Half of it came; of the answer nothing.
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const id = metadataOf(request).get('id') ?? '';
        const size = Number(request.headers['upload-length']);
        server.packs.set(id, { size, bytes: Buffer.concat(chunks).subarray(0, 30_000), members: [] });
        response.destroy();
      });
      return true;
    };
    await expect(uploads.drain()).rejects.toMatchObject({ kind: 'retry' });
    const more = await attach(1);
    server.requests.length = 0;
    uploads = create();
    await uploads.drain();
    expect(server.requests.toSorted()).toEqual([
      'HEAD /api/upload/ID',
      'PATCH /api/upload/ID',
      'POST /api/file/known',
      'POST /api/upload',
    ]);
    expect(arrived(all).length).toBe(10);
    expect(arrived(more).length).toBe(1);
  });

  it('are packed anew when the server knows nothing of the first pack', async () => {
    const all = await attach(3);
    cutFirstUpload();
    await expect(uploads.drain()).rejects.toMatchObject({ kind: 'retry' });
    await expect(uploads.drain()).rejects.toMatchObject({ kind: 'restart' });
    await uploads.drain();
    expect(arrived(all).length).toBe(3);
  });

  it('of which one is refused arrive but for that one, which keeps its bytes and its reason', async () => {
    const all = await attach(4);
    const [bad] = all.keys();
    server.refuses = (id) => id === bad;
    await expect(uploads.drain()).rejects.toMatchObject({ kind: 'refused' });
    expect(arrived(all).length).toBe(3);
    const left = await database.upload.toArray();
    expect(left).toMatchObject([{ id: bad, state: 'refused', upload_url: null, error: { code: 'invalid_value' } }]);
    server.refuses = () => false;
    await uploads.retry(String(bad));
    await uploads.drain();
    expect(arrived(all).length).toBe(4);
  });

  it('start anew without one that is given up in the midst of it, and the server forgets the pack', async () => {
    const all = await attach(4);
    const [unwanted] = all.keys();
    let isBegun: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (isBegun = resolve));
    server.fault = (request) => {
      if (request.method !== 'POST' || request.url !== '/api/upload') return false;
      server.packs.set(metadataOf(request).get('id') ?? '', { size: 1, bytes: Buffer.alloc(0), members: [] });
      request.resume();
      isBegun();
      return true;
    };
    const drained = uploads.drain();
    await begun;
    server.fault = () => false;
    await uploads.cancel(String(unwanted));
    await drained;
    expect(arrived(all).length).toBe(3);
    expect(server.files.has(String(unwanted))).toBe(false);
    expect(server.requests).toContain('DELETE /api/upload/ID');
    expect(await database.upload.count()).toBe(0);
  });

  it('that were begun do not take up one that was given up before they go on', async () => {
    const all = await attach(3);
    const [unwanted] = all.keys();
    server.fault = (request, response) => {
      if (request.url !== '/api/upload') return false;
      response.destroy();
      return true;
    };
    await expect(uploads.drain()).rejects.toMatchObject({ kind: 'retry' });
    await uploads.cancel(String(unwanted));
    server.fault = () => false;
    await uploads.drain();
    expect(arrived(all).length).toBe(2);
  });
});
