/**
 * What uploads cost against bytes piped into a file, in the same run and by the same sender: one large file through
 * tus, hashed and durable when it is answered, and many small ones in packs, each verified and durable. The other side
 * hashes nothing; it is measured with its fsync and without.
 *
 *   npx tsx --conditions=source test/bench/upload.ts [MiB=1024] [files=1000] [rounds=5]
 */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startKillable, TOKEN } from '../crash/process.ts';
import { inParallel, reconnect, send } from './upload/http.ts';

const MIB = Number(process.argv[2] ?? 1024);
const FILES = Number(process.argv[3] ?? 1000);
const ROUNDS = Number(process.argv[4] ?? 5);
const SMALL = 65_536;
const PACKED = 127;
/** Passes over small files before the first round: what runs often is compiled by then. */
const WARMING = 6;
const TUS = { Authorization: `Token ${TOKEN}`, 'Tus-Resumable': '1.0.0' };
const PATCH = { ...TUS, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': 0 };

const folder = mkdtempSync(join(tmpdir(), 'cambium-raw-'));
const rawServer = spawn(process.execPath, [fileURLToPath(new URL('upload/raw-server.mjs', import.meta.url)), folder], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const rawUrl = await firstUrl(rawServer.stdout);
const cambium = await startKillable();

async function firstUrl(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) return line.replace('ready ', '');
  throw new Error('the raw server ended before it was ready');
}

const sha256 = (chunks: readonly Uint8Array[]) => {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
};
const base64 = (text: string) => Buffer.from(text).toString('base64');
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

async function seconds(work: () => Promise<unknown>): Promise<number> {
  reconnect();
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Creates an upload and sends all of it; its URL. */
async function tus(metadata: string, chunks: readonly Uint8Array[]): Promise<string> {
  const length = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  const url = `${cambium.url}/api/upload`;
  const made = await send('POST', url, { ...TUS, 'Upload-Length': length, 'Upload-Metadata': metadata });
  const sent = await send('PATCH', String(made.headers.location), PATCH, chunks);
  if ((sent.headers['cambium-pack-refused'] ?? '0') !== '0') throw new Error('the server refused a member');
  return String(made.headers.location);
}

function packs(contents: readonly Uint8Array[]): Uint8Array[][] {
  const all: Uint8Array[][] = [];
  for (let at = 0; at < contents.length; at += PACKED) {
    const bodies = contents.slice(at, at + PACKED);
    const members = bodies.map((bytes) => ({
      id: randomBytes(16).toString('hex'),
      size: bytes.byteLength,
      sha256: sha256([bytes]),
    }));
    all.push([Buffer.from(`${JSON.stringify({ members })}\n`), ...bodies]);
  }
  return all;
}

/** CPU seconds of the server so far. */
function serverCpu(): number {
  const pid = JSON.parse(readFileSync(join(cambium.dataDir, 'run.json'), 'utf8')) as { pid: number };
  const fields = readFileSync(`/proc/${pid.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

// Whatever happens, no server is left behind.
process.on('exit', () => {
  rawServer.kill();
  cambium.end();
});

const times = { put: [], synced: [], tus: [], puts: [], syncedPuts: [], packs: [] } as Record<string, number[]>;
const cpu = { tus: 0, packs: 0 };
const block = randomBytes(1_048_576);
const SMALL_TYPE = `filetype ${base64('application/vnd.cambium.pack')}`;

/** Large bytes that nobody announced an MD5 for get it after the answer: nothing else is measured meanwhile. */
async function untilSummed(file: string): Promise<void> {
  for (;;) {
    const found = await fetch(`${cambium.url}/api/file?id=${file}`, { headers: { Authorization: TUS.Authorization } });
    const [row] = (await found.json()) as { checksum: string }[];
    if (row?.checksum !== '') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function round(number: number): Promise<void> {
  // New bytes in each round, and new files: nothing is ever stored twice or written over.
  const large = [randomBytes(1_048_576), ...Array.from({ length: MIB - 1 }, () => block)];
  const small = Array.from({ length: FILES }, () => randomBytes(SMALL));
  const took: Record<string, number> = {};
  const putAll = (suffix: string) =>
    inParallel([...small.keys()], 8, (at) =>
      send('PUT', `${rawUrl}/${number}-${at}-${suffix.length}${suffix}`, {}, small.slice(at, at + 1)),
    );
  const metadata = `filename ${base64('large.bin')},sha256 ${base64(sha256(large))}`;
  took['put'] = await seconds(() => send('PUT', `${rawUrl}/${number}`, {}, large));
  const before = serverCpu();
  let location = '';
  took['tus'] = await seconds(async () => (location = await tus(metadata, large)));
  const between = serverCpu();
  await untilSummed(location.slice(-32));
  took['synced'] = await seconds(() => send('PUT', `${rawUrl}/${number}-synced?sync`, {}, large));

  took['puts'] = await seconds(() => putAll(''));
  const ready = packs(small);
  const beforePacks = serverCpu();
  took['packs'] = await seconds(() => inParallel(ready, 2, (pack) => tus(SMALL_TYPE, pack)));
  const after = serverCpu();
  took['syncedPuts'] = await seconds(() => putAll('?sync'));
  if (number === 0) return;
  cpu.tus += between - before;
  cpu.packs += after - beforePacks;
  for (const [name, value] of Object.entries(took)) times[name]?.push(value);
  const mib = (name: string) => (MIB / (took[name] ?? 0)).toFixed(0);
  const files = (name: string) => (FILES / (took[name] ?? 0)).toFixed(0);
  console.log(
    `round ${number}: PUT ${mib('put')} MiB/s, fsynced ${mib('synced')}, tus ${mib('tus')}; ` +
      `PUTs ${files('puts')}/s, fsynced ${files('syncedPuts')}/s, packed ${files('packs')}/s`,
  );
}

// Both servers and the sender are warm when it counts.
for (let warming = 0; warming < WARMING; warming += 1) {
  const small = Array.from({ length: FILES }, () => randomBytes(SMALL));
  await inParallel(small, 8, (bytes) => send('PUT', `${rawUrl}/warming`, {}, [bytes]));
  await inParallel(packs(small), 2, (pack) => tus(SMALL_TYPE, pack));
}
for (let number = 0; number <= ROUNDS; number += 1) await round(number);

const of = (name: string) => median(times[name] ?? []);
/** Of each round by itself, as neighbours disturb them differently. */
const ratio = (name: string, to: string) => {
  const ratios = (times[name] ?? []).map((value, at) => (times[to]?.[at] ?? 0) / value);
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`;
};
console.log(
  `one file of ${MIB} MiB: raw PUT ${(MIB / of('put')).toFixed(0)} MiB/s, fsynced ${(MIB / of('synced')).toFixed(0)}; ` +
    `tus, hashed and durable ${(MIB / of('tus')).toFixed(0)} MiB/s; ratio ${ratio('tus', 'put')}, ` +
    `to fsynced ${ratio('tus', 'synced')} (server ${(cpu.tus / ROUNDS).toFixed(2)} s CPU)`,
);
console.log(
  `${FILES} files of 64 KiB: raw PUTs ${(FILES / of('puts')).toFixed(0)}/s, fsynced ${(FILES / of('syncedPuts')).toFixed(0)}/s; ` +
    `packed, verified and durable ${(FILES / of('packs')).toFixed(0)}/s; ratio ${ratio('packs', 'puts')}, ` +
    `to fsynced ${ratio('packs', 'syncedPuts')} (server ${(cpu.packs / ROUNDS).toFixed(2)} s CPU)`,
);

rawServer.kill();
await cambium.remove();
rmSync(folder, { recursive: true });
