import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Entry } from 'tar-stream';
import { Failure } from '../fail.ts';
import { lines } from '../lines.ts';
import { FILES, FORMAT, MANIFEST, ROWS, type Line, type Manifest } from './format.ts';

export interface Unpacked {
  manifest: Manifest;
  rows: Line[];
  /** Where the contents lie, by their SHA-256. */
  contents: Map<string, string>;
}

/** Unpacks an exported channel into a folder, every content verified. Throws `Failure` for what is no whole export. */
export async function readArchive(file: string, folder: string): Promise<Unpacked> {
  const entries = extract();
  const reading = pipeline(createReadStream(file), entries);
  const taking = take(entries, folder);
  const [taken, read] = await Promise.allSettled([taking, reading]);
  if (taken.status === 'rejected') throw readable(taken.reason, file);
  if (read.status === 'rejected') throw readable(read.reason, file);
  const { manifest, rows, contents } = taken.value;
  if (!manifest || rows.length !== manifest.rows || contents.size !== manifest.files) {
    throw new Failure(`${file} is not whole`);
  }
  return { manifest, rows, contents };
}

/** The parser of the archive says by plain errors what it can't read. */
function readable(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof Failure || 'code' in error) return error;
  return new Failure(`${file} cannot be read: ${error.message}`);
}

async function take(entries: AsyncIterable<Entry>, folder: string) {
  let manifest: Manifest | undefined;
  let rows: Line[] = [];
  const contents = new Map<string, string>();
  for await (const entry of entries) {
    const { name } = entry.header;
    if (!manifest) {
      manifest = name === MANIFEST ? await readManifest(entry) : undefined;
      if (manifest?.format !== FORMAT) throw new Failure('it is no exported channel of this version');
    } else if (name === ROWS) rows = await readLines(entry);
    else if (/^files\/[0-9a-f]{64}$/.test(name)) {
      const sha256 = name.slice(FILES.length);
      contents.set(sha256, await save(entry, join(folder, sha256), sha256));
    } else throw new Failure(`it holds ${name}, which no exported channel does`);
  }
  return { manifest, rows, contents };
}

async function readManifest(entry: Entry): Promise<Manifest | undefined> {
  let text = '';
  for await (const chunk of entry as AsyncIterable<Buffer>) text += chunk.toString('utf8');
  try {
    return JSON.parse(text) as Manifest;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function readLines(entry: Entry): Promise<Line[]> {
  const rows: Line[] = [];
  for await (const line of lines(entry as AsyncIterable<Uint8Array>)) rows.push(JSON.parse(line) as Line);
  return rows;
}

async function save(entry: Entry, path: string, sha256: string): Promise<string> {
  const hash = createHash('sha256');
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(entry, measure, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  if (hash.digest('hex') !== sha256) throw new Failure(`its bytes ${sha256} are damaged`);
  return path;
}
