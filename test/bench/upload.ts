/**
 * What uploads cost against bytes piped into a file, in the same run and by the same sender: one large file through
 * tus, hashed and durable when it is answered, and many small ones in packs, each verified and durable.
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

/** Creates an upload and sends all of it. */
async function tus(metadata: string, chunks: readonly Uint8Array[]): Promise<void> {
  const length = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  const url = `${cambium.url}/api/upload`;
  const made = await send('POST', url, { ...TUS, 'Upload-Length': length, 'Upload-Metadata': metadata });
  const sent = await send('PATCH', String(made.headers.location), PATCH, chunks);
  if ((sent.headers['cambium-pack-refused'] ?? '0') !== '0') throw new Error('the server refused a member');
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

const times = { put: [] as number[], tus: [] as number[], puts: [] as number[], packs: [] as number[] };
const cpu = { tus: 0, packs: 0 };
const block = randomBytes(1_048_576);
for (let round = 0; round <= ROUNDS; round += 1) {
  // New bytes in each round: nothing is ever stored twice.
  const large = [randomBytes(1_048_576), ...Array.from({ length: MIB - 1 }, () => block)];
  const small = Array.from({ length: FILES }, () => randomBytes(SMALL));
  const metadata = `filename ${base64('large.bin')},sha256 ${base64(sha256(large))}`;
  const put = await seconds(() => send('PUT', `${rawUrl}/large`, {}, large));
  const before = serverCpu();
  const whole = await seconds(() => tus(metadata, large));
  const between = serverCpu();
  const puts = await seconds(() => inParallel(small, 8, (b) => send('PUT', `${rawUrl}/${small.indexOf(b)}`, {}, [b])));
  const ready = packs(small);
  const packed = await seconds(() =>
    inParallel(ready, 2, (pack) => tus(`filetype ${base64('application/vnd.cambium.pack')}`, pack)),
  );
  if (round === 0) continue;
  cpu.tus += between - before;
  cpu.packs += serverCpu() - between;
  times.put.push(put);
  times.tus.push(whole);
  times.puts.push(puts);
  times.packs.push(packed);
  console.log(
    `round ${round}: PUT ${(MIB / put).toFixed(0)} MiB/s, tus ${(MIB / whole).toFixed(0)}; PUTs ${(FILES / puts).toFixed(0)}/s, packed ${(FILES / packed).toFixed(0)}/s`,
  );
}
const [put, whole, puts, packed] = [median(times.put), median(times.tus), median(times.puts), median(times.packs)];
console.log(
  `one file of ${MIB} MiB: raw PUT ${(MIB / put).toFixed(0)} MiB/s, tus hashed and durable ${(MIB / whole).toFixed(0)} MiB/s, ratio ${(put / whole).toFixed(2)} (server ${(cpu.tus / ROUNDS).toFixed(2)} s CPU)`,
);
console.log(
  `${FILES} files of 64 KiB: raw PUTs ${(FILES / puts).toFixed(0)}/s, packed, verified and durable ${(FILES / packed).toFixed(0)}/s, ratio ${(puts / packed).toFixed(2)} (server ${(cpu.packs / ROUNDS).toFixed(2)} s CPU)`,
);

rawServer.kill();
await cambium.remove();
rmSync(folder, { recursive: true });
