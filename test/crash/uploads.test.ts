import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKillable, TOKEN, type KillableServer } from './process.ts';

const HEADERS = { Authorization: `Token ${TOKEN}`, 'Tus-Resumable': '1.0.0' };
const SIZE = 30_000_000;

let server: KillableServer;

beforeAll(async () => {
  server = await startKillable();
});

afterAll(async () => {
  await server.remove();
});

async function create(bytes: Buffer): Promise<string> {
  const checksum = createHash('md5').update(bytes).digest('base64');
  const hex = Buffer.from(Buffer.from(checksum, 'base64').toString('hex')).toString('base64');
  const headers = { ...HEADERS, 'Upload-Length': String(bytes.length), 'Upload-Metadata': `checksum ${hex}` };
  const answer = await fetch(`${server.url}/api/upload`, { method: 'POST', headers });
  expect(answer.status).toBe(201);
  return String(answer.headers.get('Location'));
}

async function offsetOf(url: string): Promise<number> {
  const answer = await fetch(url, { method: 'HEAD', headers: HEADERS });
  expect(answer.status).toBe(200);
  return Number(answer.headers.get('Upload-Offset'));
}

async function isStored(url: string, bytes: Buffer): Promise<boolean> {
  const answer = await fetch(url, { headers: HEADERS });
  return answer.status === 200 && bytes.equals(new Uint8Array(await answer.arrayBuffer()));
}

/** Sends from `offset` on until `enough` bytes are on their way, then calls `then`; resolves when the connection is over. */
function sendPart(
  url: string,
  bytes: Buffer,
  offset: number,
  enough: number,
  then: () => void,
): Promise<number | null> {
  return new Promise((resolve) => {
    const headers = {
      ...HEADERS,
      'Content-Type': 'application/offset+octet-stream',
      'Upload-Offset': offset,
      'Content-Length': bytes.length - offset,
    };
    const sent = request(url, { method: 'PATCH', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? null);
    });
    sent.on('error', () => resolve(null));
    sent.on('close', () => resolve(null));
    const end = Math.min(bytes.length, offset + enough);
    sent.write(bytes.subarray(offset, end), then);
    if (end === bytes.length) sent.end();
  });
}

/** Waits until the server has made more of the upload durable, looking where it writes that down: a HEAD would disturb it. */
async function movedBeyond(url: string, offset: number): Promise<void> {
  const db = new Sqlite(join(server.dataDir, 'cambium.db'), { readonly: true });
  const row = db.prepare<[string], { offset: number }>('SELECT offset FROM upload WHERE id = ?');
  while ((row.get(url.slice(-32))?.offset ?? 0) <= offset) await new Promise((resolve) => setTimeout(resolve, 10));
  db.close();
}

describe('an upload', { timeout: 90_000 }, () => {
  it('resumes at what was acknowledged, however often the server is killed', async () => {
    const bytes = randomBytes(SIZE);
    const url = await create(bytes);
    let acknowledged = 0;
    for (const isMoved of [false, true, true]) {
      const from = acknowledged;
      let killed = Promise.resolve();
      await sendPart(url, bytes, from, 9_000_000, () => {
        killed = (isMoved ? movedBeyond(url, from) : Promise.resolve()).then(() => server.kill());
      });
      await killed;
      await server.start();
      acknowledged = await offsetOf(url);
      expect(acknowledged).toBeGreaterThanOrEqual(isMoved ? from + 1 : from);
    }
    if (acknowledged < SIZE) expect(await sendPart(url, bytes, acknowledged, SIZE, () => undefined)).toBe(204);
    expect(await isStored(url, bytes)).toBe(true);
  });

  it('loses no byte that was acknowledged, finished files included', async () => {
    const uploads: { url: string; bytes: Buffer; acknowledged: number }[] = [];
    let isOver = false;
    const work = async () => {
      while (!isOver) {
        const bytes = randomBytes(50_000);
        const headers = { ...HEADERS, 'Upload-Length': '50000', 'Content-Type': 'application/offset+octet-stream' };
        const body = uploads.length % 2 === 0 ? bytes : bytes.subarray(0, 20_000);
        try {
          const answer = await fetch(`${server.url}/api/upload`, { method: 'POST', headers, body });
          const acknowledged = Number(answer.headers.get('Upload-Offset'));
          if (answer.status === 201) uploads.push({ url: String(answer.headers.get('Location')), bytes, acknowledged });
        } catch (error) {
          // The connection broke: nothing was acknowledged.
          expect(error).toBeInstanceOf(TypeError);
        }
      }
    };
    const workers = Array.from({ length: 4 }, work);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await server.kill();
    isOver = true;
    await Promise.all(workers);
    await server.start();
    expect(uploads.length).toBeGreaterThan(0);
    for (const { url, bytes, acknowledged } of uploads) {
      const offset = await offsetOf(url);
      expect(offset).toBe(acknowledged);
      if (offset < bytes.length) expect(await sendPart(url, bytes, offset, bytes.length, () => undefined)).toBe(204);
      expect(await isStored(url, bytes)).toBe(true);
    }
  });
});

describe('tus-js-client', { timeout: 90_000 }, () => {
  const start = (bytes: Buffer, more: Partial<ConstructorParameters<typeof Upload>[1]>) =>
    new Promise<string>((resolve, reject) => {
      const upload = new Upload(bytes, {
        endpoint: `${server.url}/api/upload`,
        headers: { Authorization: `Token ${TOKEN}` },
        metadata: { filename: 'big.bin', checksum: createHash('md5').update(bytes).digest('hex') },
        retryDelays: Array.from({ length: 60 }, () => 200),
        onSuccess: () => resolve(String(upload.url)),
        onError: reject,
        ...more,
      });
      upload.start();
    });

  it('finishes although the server is killed and started again', async () => {
    const bytes = randomBytes(SIZE);
    const restarts: Promise<void>[] = [];
    const url = await start(bytes, {
      chunkSize: 4_000_000,
      onProgress: (sent) => {
        if (sent > SIZE / 2 && restarts.length === 0) restarts.push(server.kill().then(() => server.start()));
      },
    });
    await Promise.all(restarts);
    expect(restarts).toHaveLength(1);
    expect(await isStored(url, bytes)).toBe(true);
  });

  it('resumes after an abort where it was', async () => {
    const bytes = randomBytes(SIZE);
    let aborted: string | null = null;
    const first = await new Promise<string>((resolve, reject) => {
      const upload = new Upload(bytes, {
        endpoint: `${server.url}/api/upload`,
        headers: { Authorization: `Token ${TOKEN}` },
        onError: reject,
        chunkSize: 5_000_000,
        onChunkComplete: (_size, accepted) => {
          if (accepted < 10_000_000 || aborted !== null) return;
          aborted = String(upload.url);
          upload.abort().then(() => resolve(String(upload.url)), reject);
        },
      });
      upload.start();
    });
    const offset = await offsetOf(first);
    expect(offset).toBeGreaterThanOrEqual(10_000_000);
    const progress: number[] = [];
    const url = await start(bytes, { uploadUrl: first, onProgress: (sent) => void progress.push(sent) });
    expect(url).toBe(first);
    expect(progress[0]).toBeGreaterThanOrEqual(offset);
    expect(await isStored(url, bytes)).toBe(true);
  });
});
