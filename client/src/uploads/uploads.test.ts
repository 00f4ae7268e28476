import 'fake-indexeddb/auto';

import { createHash, randomBytes } from 'node:crypto';

import { BLANK_NODE, type FileRow, type Id, newId, type NodeRow, Refusal } from '@cambium/protocol';
import { Dexie, type Table } from 'dexie';
import { firstValueFrom, filter } from 'rxjs';
import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Locks } from '../deps.ts';
import { localLocks } from '../local-locks.ts';
import type { FileChange, UploadDeps } from './deps.ts';
import type { HashWorker } from './hash-worker.ts';
import { FileServer } from '../testing/file-server.ts';
import { SLICE_BYTES, UPLOAD_STORES, type UploadTables } from '../database/uploads.ts';
import { createUploads, type Uploads } from './uploads.ts';

const CHANNEL = 'c'.repeat(32);
const NODE = 'a'.repeat(32);
type Database = Dexie & UploadTables & { contentnode: Table<NodeRow, Id>; file: Table<FileRow, Id> };

let server: FileServer;
let database: Database;
let uploads: Uploads;
let token: string;
let written: FileChange[];
/** Tests have no patience: time runs this many times faster. */
let speed: number;

beforeEach(async () => {
  server = await new FileServer().listen();
  token = 'good';
  speed = 10;
  written = [];
  database = new Dexie(`uploads-${randomBytes(6).toString('hex')}`) as Database;
  database.version(1).stores({ ...UPLOAD_STORES, contentnode: 'id', file: 'id, contentnode' });
  await database.contentnode.add({
    ...BLANK_NODE,
    id: NODE,
    channel_id: CHANNEL,
    kind: 'document',
  } as unknown as NodeRow);
  uploads = createUploads(deps());
});

afterEach(async () => {
  await uploads.stop();
  database.close();
  await server.close();
});

function deps(): UploadDeps {
  return {
    database,
    server: server.url,
    token: () => token,
    write: async (_channel, changes) => {
      written.push(...changes);
      for (const change of changes) {
        if (change.type === 'DELETED') await database.file.delete(change.key);
        else await database.file.put({ id: change.key, ...change.obj } as unknown as FileRow);
      }
    },
    world: {
      clock: { now: () => Date.now() * speed },
      timers: {
        after(ms, callback) {
          const timer = setTimeout(callback, ms / speed);
          return () => clearTimeout(timer);
        },
      },
      random: (length) => randomBytes(length),
      fetch: (...args) => fetch(...args),
      locks,
      connectivity: { isOnline: () => true, subscribe: () => () => undefined },
      persist: async () => null,
      available: async () => null,
    },
  };
}

let tail: Promise<unknown> = Promise.resolve();
const locks: Locks = {
  hold(_name, _options, held) {
    const turn = tail.then(held);
    tail = turn.catch(() => undefined);
    return turn;
  },
};

const pdf = (bytes: Uint8Array<ArrayBuffer>) => new File([bytes], 'Überblick.pdf');
const none = () => firstValueFrom(uploads.uploads$.pipe(filter((all) => all.length === 0)));

test('a file of several slices arrives byte for byte, and only then leaves this device', async () => {
  const bytes = randomBytes(SLICE_BYTES * 2 + 12_345);
  const id = await uploads.attach(NODE, pdf(bytes));
  expect(written).toMatchObject([
    {
      type: 'CREATED',
      key: id,
      obj: { contentnode: NODE, size: bytes.length, preset: 'document', file_format: 'pdf', name: 'Überblick.pdf' },
    },
  ]);
  expect(await database.slice.count()).toBe(3);
  await uploads.drain();
  expect(server.files.get(id)?.bytes.equals(bytes)).toBe(true);
  expect(server.files.get(id)?.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(await database.slice.count()).toBe(0);
  expect(await database.upload.count()).toBe(0);
});

test('a small file goes in one request, an empty one too', async () => {
  for (const bytes of [randomBytes(1000), Buffer.alloc(0)]) {
    server.requests.length = 0;
    const id = await uploads.attach(NODE, pdf(bytes));
    await uploads.drain();
    expect(server.files.get(id)?.uploaded).toBe(true);
    expect(server.requests).toEqual(['POST /api/file/upload_url', 'PUT /upload/ID', 'GET /api/file']);
  }
});

test('bytes that the server knows are not sent', async () => {
  const id = await uploads.attach(NODE, pdf(randomBytes(1000)));
  const { md5, sha256, size } = (await database.upload.get(id))!;
  server.files.set(id, { size, checksum: md5, sha256, uploaded: true, bytes: Buffer.alloc(0) });
  await uploads.drain();
  expect(server.requests).toEqual(['POST /api/file/upload_url', 'GET /api/file']);
});

test('an upload that broke off goes on where the server stands, also after a restart of the client', async () => {
  const bytes = randomBytes(SLICE_BYTES * 6);
  const id = await uploads.attach(NODE, pdf(bytes));
  server.fault = (request, response) => {
    if (request.method !== 'PATCH') return false;
    response.destroy();
    return true;
  };
  await expect(uploads.drain()).rejects.toMatchObject({ kind: 'retry' });
  const acknowledged = server.files.get(id)!.bytes.length;
  expect(acknowledged).toBeGreaterThan(0);
  expect(acknowledged).toBeLessThan(bytes.length);

  server.fault = () => false;
  server.requests.length = 0;
  uploads = createUploads(deps());
  await uploads.drain();
  expect(server.requests).not.toContain('POST /api/upload');
  expect(server.files.get(id)?.bytes.equals(bytes)).toBe(true);
});

test('a large file takes two requests when the last answer says what was stored, else the file row is asked', async () => {
  for (const tells of [true, false]) {
    server.requests.length = 0;
    server.tellsDigest = tells;
    const id = await uploads.attach(NODE, pdf(randomBytes(SLICE_BYTES)));
    await uploads.drain();
    expect(server.files.get(id)?.uploaded).toBe(true);
    const asked = tells ? [] : ['GET /api/file'];
    expect(server.requests.filter((request) => !request.startsWith('DELETE'))).toEqual([
      'POST /api/file/upload_url',
      'POST /api/upload',
      ...asked,
    ]);
  }
});

test('a success of the transfer is not believed before the file row says uploaded with our checksum', async () => {
  const id = await uploads.attach(NODE, pdf(randomBytes(SLICE_BYTES)));
  let lies = 1;
  server.fault = (request, response) => {
    if (request.url !== '/api/upload' || lies === 0) return false;
    lies -= 1;
    const headers = { Location: '/api/upload/lie', 'Upload-Offset': SLICE_BYTES, 'Tus-Resumable': '1.0.0' };
    request.resume().on('end', () => response.writeHead(201, headers).end());
    return true;
  };
  await expect(uploads.drain()).rejects.toMatchObject({ kind: 'restart', error: { code: 'checksum_mismatch' } });
  expect(await database.slice.count()).toBe(1);
  expect(await database.upload.get(id)).toMatchObject({ upload_url: null, state: 'waiting' });
  await uploads.drain();
  expect(server.files.get(id)?.uploaded).toBe(true);
});

test('the loop in the background waits out a server that fails, and a token that is wrong', async () => {
  const id = await uploads.attach(NODE, pdf(randomBytes(1000)));
  let failures = 3;
  server.fault = (_request, response) => {
    if (failures === 0) return false;
    failures -= 1;
    response.writeHead(503).end();
    return true;
  };
  uploads.start();
  await none();
  expect(server.files.get(id)?.uploaded).toBe(true);

  token = 'bad';
  const second = await uploads.attach(NODE, pdf(randomBytes(1000)));
  await firstValueFrom(uploads.uploads$.pipe(filter(([upload]) => upload?.error?.code === 'unauthenticated')));
  expect(await database.upload.get(second)).toMatchObject({ attempts: 0, state: 'waiting' });
  token = 'good';
  uploads.wake();
  await none();
  expect(server.files.get(second)?.uploaded).toBe(true);
});

test('a request that stalls is given up and made again', async () => {
  const bytes = randomBytes(SLICE_BYTES);
  const id = await uploads.attach(NODE, pdf(bytes));
  let silent = 1;
  speed = 100;
  server.fault = (request) => request.url === '/api/upload' && (silent -= 1) >= 0;
  await expect(uploads.drain()).rejects.toMatchObject({ kind: 'retry', error: { message: 'The connection stalled.' } });
  speed = 10;
  // Nothing of it was there: it is begun anew.
  await expect(uploads.drain()).rejects.toMatchObject({ kind: 'restart' });
  await uploads.drain();
  expect(server.files.get(id)?.bytes.equals(bytes)).toBe(true);
});

test('what the server refuses stays here with its reason until somebody decides', async () => {
  const id = await uploads.attach(NODE, pdf(randomBytes(1000)));
  server.fault = (_request, response) => {
    response
      .writeHead(400)
      .end(JSON.stringify({ error: { code: 'invalid_value', message: 'no such preset', field: 'preset' } }));
    return true;
  };
  await expect(uploads.drain()).rejects.toMatchObject({ kind: 'refused' });
  expect(await database.upload.get(id)).toMatchObject({ state: 'refused', error: { field: 'preset' } });
  expect(await database.slice.count()).toBe(1);
  server.fault = () => false;
  await uploads.drain();
  expect(await database.upload.count()).toBe(1);
  await uploads.retry(id);
  await uploads.drain();
  expect(await database.upload.count()).toBe(0);
});

test('a new file of the same preset takes the place of the old one; cancelling detaches', async () => {
  const first = await uploads.attach(NODE, pdf(randomBytes(1000)));
  const second = await uploads.attach(NODE, pdf(randomBytes(2000)));
  expect(written.slice(1)).toMatchObject([
    { type: 'DELETED', key: first },
    { type: 'CREATED', key: second },
  ]);
  expect((await database.upload.toArray()).map(({ id }) => id)).toEqual([second]);
  await uploads.cancel(second);
  expect(written.at(-1)).toMatchObject({ type: 'DELETED', key: second });
  expect(await database.slice.count()).toBe(0);
});

test('a refusal of the change leaves nothing behind', async () => {
  const broken = createUploads({
    ...deps(),
    write: async () => {
      throw new Refusal('invalid_value', { field: 'duration' });
    },
  });
  await expect(broken.attach(NODE, pdf(randomBytes(1000)))).rejects.toBeInstanceOf(Refusal);
  await expect(uploads.attach(NODE, pdf(randomBytes(10)), { name: 'film.mp4' })).rejects.toBeInstanceOf(Refusal);
  await expect(uploads.attach(newId(0, randomBytes), pdf(randomBytes(10)))).rejects.toBeInstanceOf(Refusal);
  expect(await database.upload.count()).toBe(0);
  expect(await database.slice.count()).toBe(0);
});

test('a device that is full in the midst of storing says so, and nothing is kept', async () => {
  let slices = 0;
  database.slice.hook('creating', () => {
    slices += 1;
    if (slices === 2) throw new DOMException('full', 'QuotaExceededError');
  });
  const attached = uploads.attach(NODE, pdf(randomBytes(SLICE_BYTES * 2)));
  await expect(attached).rejects.toMatchObject({ error: { code: 'too_large', field: 'file' } });
  expect(slices).toBe(2);
  expect([await database.upload.count(), await database.slice.count(), written]).toEqual([0, 0, []]);
});

const deadWorkers: [string, () => HashWorker][] = [
  [
    'cannot be made',
    () => {
      throw new DOMException('not allowed here', 'SecurityError');
    },
  ],
  ['does not load', () => worker((_message, { fail }) => void fail, true)],
  [
    'dies over the second slice',
    () => {
      let slices = 0;
      return worker((_message, { reply, fail }) => ((slices += 1) < 2 ? reply() : fail()));
    },
  ],
];

/** A worker as a page sees it. */
function worker(
  onMessage: (message: ArrayBuffer | null, answer: { reply(): void; fail(): void }) => void,
  isDead = false,
): HashWorker {
  const listeners: Record<string, (event: never) => void> = {};
  const fail = (): void => listeners['error']?.({ message: 'no such script' } as never);
  if (isDead) queueMicrotask(fail);
  return {
    addEventListener: (type: string, listener: (event: never) => void) => void (listeners[type] = listener),
    postMessage: (message, transfer) => {
      // What is handed over is gone here, whether anybody hashes it or not.
      structuredClone(message, { transfer: transfer ?? [] });
      onMessage(message, { reply: () => listeners['message']?.({ data: null } as never), fail });
    },
    terminate: () => undefined,
  };
}

test.each(deadWorkers)('a hash worker that %s is done without', async (_how, hashWorker) => {
  const bytes = randomBytes(SLICE_BYTES * 2 + 1);
  const here = createUploads({ ...deps(), hashWorker });
  const id = await here.attach(NODE, pdf(bytes));
  expect((await database.upload.get(id))?.md5).toBe(createHash('md5').update(bytes).digest('hex'));
  await here.drain();
  expect(server.files.get(id)?.bytes.equals(bytes)).toBe(true);
  await here.stop();
});

test('cancelling ends the transfer that runs, and the next file goes', async () => {
  const id = await uploads.attach(NODE, pdf(randomBytes(SLICE_BYTES)));
  let hungUp: Promise<void> | undefined;
  const began = new Promise<void>((resolve) => {
    server.fault = (request) => {
      if (request.url !== '/api/upload') return false;
      hungUp = new Promise((gone) => void request.once('close', gone));
      request.resume();
      resolve();
      return true;
    };
  });
  speed = 1;
  uploads.start();
  await began;
  await uploads.cancel(id);
  server.fault = () => false;
  await hungUp;
  await new Promise<void>((resolve) => {
    const look = () => (server.requests.includes('DELETE /api/upload/ID') ? resolve() : void setTimeout(look, 5));
    look();
  });
  const next = await uploads.attach(NODE, pdf(randomBytes(1000)));
  await none();
  expect(server.files.get(next)?.uploaded).toBe(true);
});

test.each([403, 404])(
  'a %i that does not pass ends in a refusal that is seen, and can be tried again',
  async (status) => {
    const id = await uploads.attach(NODE, pdf(randomBytes(1000)));
    speed = 1000;
    server.fault = (_request, response) => {
      response
        .writeHead(status)
        .end(JSON.stringify({ error: { code: status === 403 ? 'forbidden' : 'not_found', message: 'no' } }));
      return true;
    };
    uploads.start();
    await firstValueFrom(uploads.uploads$.pipe(filter(([upload]) => upload?.state === 'refused')));
    expect((await database.upload.get(id))?.attempts).toBeGreaterThan(3);
    server.fault = () => false;
    await uploads.retry(id);
    await none();
    expect(server.files.get(id)?.uploaded).toBe(true);
  },
);

test('a tab that froze over an upload does not keep the others from theirs', async () => {
  const id = await uploads.attach(NODE, pdf(randomBytes(1000)));
  speed = 1000;
  const shared = localLocks();
  let isFrozen = true;
  const frozen = createUploads({
    ...deps(),
    world: {
      ...deps().world,
      locks: shared,
      timers: { after: () => () => undefined },
      fetch: (...args) => (isFrozen ? new Promise(() => undefined) : fetch(...args)),
    },
  });
  frozen.start();
  await firstValueFrom(uploads.uploads$.pipe(filter(([upload]) => upload?.state === 'sending')));
  const awake = createUploads({ ...deps(), world: { ...deps().world, locks: shared } });
  awake.start();
  await none();
  expect(server.files.get(id)?.uploaded).toBe(true);
  isFrozen = false;
  await frozen.stop();
  await awake.stop();
});
