import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { FileRow, Id, JsonObject } from '@cambium/protocol';
import { pack, type Pack } from 'tar-stream';
import { Failure } from '../fail.ts';
import { lines } from '../lines.ts';
import type { Progress } from '../output.ts';
import { persist } from '../patience.ts';
import { refusalIn } from '../refusal.ts';
import type { Target } from '../target.ts';
import { FILES, FORMAT, MANIFEST, ROWS, type Line, type Manifest } from './format.ts';

export interface Exported {
  rows: number;
  files: number;
  /** Of the files' contents. */
  bytes: number;
}

/** Contents of files by their SHA-256. */
type Contents = Map<string, { url: string; size: number }>;

/** Writes a channel as it is now into a file, which gets its name when it is whole. */
export async function writeArchive(
  target: Target,
  channel: Id,
  file: string,
  progress: (contents: number) => Progress,
): Promise<Exported> {
  const [rows, part] = [`${file}.rows`, `${file}.part`];
  try {
    const { manifest, contents } = await readRows(target, channel, rows);
    const shown = progress(contents.size);
    const archive = pack();
    const written = pipeline(archive, createWriteStream(part, { mode: 0o600, flush: true }));
    const filled = fill(archive, manifest, rows, contents, target, shown).catch((error: unknown) => {
      archive.destroy(error as Error);
      throw error;
    });
    for (const outcome of await Promise.allSettled([filled, written])) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
    shown.stop();
    await rename(part, file);
    const bytes = [...contents.values()].reduce((sum, { size }) => sum + size, 0);
    return { rows: manifest.rows, files: manifest.files, bytes };
  } finally {
    await rm(rows, { force: true });
    await rm(part, { force: true });
  }
}

/** Keeps the snapshot's rows in `path`: how many there are has to be known before they are written. */
async function readRows(
  { server, token }: Target,
  id: Id,
  path: string,
): Promise<{ manifest: Manifest; contents: Contents }> {
  const channel = (await (await read(`${server}/api/channel/${id}`, token)).json()) as JsonObject;
  const snapshot = await read(`${server}/api/channel/${id}/snapshot`, token);
  const contents: Contents = new Map();
  let server_rev = 0;
  let rows = 0;
  let isWhole = false;
  async function* kept(): AsyncGenerator<string> {
    for await (const text of lines(snapshot.body as ReadableStream<Uint8Array>)) {
      const line = JSON.parse(text) as Partial<Line> & { server_rev?: number; end?: boolean };
      server_rev = line.server_rev ?? server_rev;
      isWhole ||= line.end === true;
      if (line.table === undefined) continue;
      if (line.table === 'file') note(contents, line.row as unknown as FileRow);
      rows += 1;
      yield `${text}\n`;
    }
  }
  await writeFile(path, kept());
  if (!isWhole) throw new Failure("the server's snapshot was cut off");
  const made = new Date().toISOString();
  const manifest: Manifest = { format: FORMAT, made, channel_id: id, server_rev, channel, rows, files: contents.size };
  return { manifest, contents };
}

function note(contents: Contents, { uploaded, sha256, url, file_size: size }: FileRow): void {
  if (uploaded && sha256 !== null && url !== null && size !== null) contents.set(sha256, { url, size });
}

async function read(url: string, token: string | null): Promise<Response> {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Token ${token}` };
  const answer = await persist(() => fetch(url, { headers }));
  if (answer.ok && answer.body !== null) return answer;
  throw new Failure(`the channel could not be read: ${await refusalIn(answer)}`);
}

async function fill(
  archive: Pack,
  manifest: Manifest,
  rows: string,
  contents: Contents,
  { server }: Target,
  progress: Progress,
): Promise<void> {
  const text = JSON.stringify(manifest);
  await append(archive, MANIFEST, Buffer.byteLength(text), Readable.from([text]));
  await append(archive, ROWS, (await stat(rows)).size, createReadStream(rows));
  for (const [sha256, { url, size }] of contents) {
    const answer = await read(new URL(url, `${server}/`).href, null);
    const body = Readable.fromWeb(answer.body as ReadableStream);
    await append(archive, FILES + sha256, size, body, sha256);
    progress.add(1);
  }
  archive.finalize();
}

async function append(archive: Pack, name: string, size: number, from: Readable, sha256?: string): Promise<void> {
  const hash = createHash('sha256');
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(from, measure, archive.entry({ name, size, mode: 0o600 }));
  if (sha256 !== undefined && hash.digest('hex') !== sha256) throw new Failure(`the bytes ${sha256} arrived damaged`);
}
