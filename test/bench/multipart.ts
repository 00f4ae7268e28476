/**
 * What a large form costs in memory: a file of that size goes through ClassQuiz's and Omeka's uploads as
 * `multipart/form-data`, while the server's resident memory is read ten times a second.
 *
 *   npx tsx --conditions=source test/bench/multipart.ts [MiB=2048]
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { startKillable, TOKEN } from '../crash/process.ts';

const MIB = Number(process.argv[2] ?? 2048);
/** Growth that is allowed, in MB. */
const ALLOWED = 100;
const PIECE = Buffer.alloc(1_048_576, 'text that goes on and on, line by line.\n');

const server = await startKillable({ DIALECTS: 'classquiz,omeka' });
const { pid } = JSON.parse(readFileSync(join(server.dataDir, 'run.json'), 'utf8')) as { pid: number };

/** MB of the server's memory that are in use now. */
function resident(): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1000;
}

/** Sends a form with one file of `mib` MiB, no faster than it is taken; gives status and body of the answer. */
function sendForm(path: string, fields: string, type: string, name: string, mib: number): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'multipart/form-data; boundary=XX' };
    const req = request(server.url + path, { method: 'POST', headers }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      res.on('end', () => resolve([res.statusCode ?? 0, text]));
    });
    req.on('error', reject);
    req.write(
      `${fields}--XX\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`,
    );
    let left = mib;
    const pump = (): void => {
      while (left > 0) {
        left -= 1;
        if (!req.write(PIECE)) {
          req.once('drain', pump);
          return;
        }
      }
      req.end('\r\n--XX--\r\n');
    };
    pump();
  });
}

async function measure(name: string, send: (mib: number) => Promise<[number, string]>): Promise<number> {
  // Libraries that load with the first file are no part of what a large one costs.
  await send(1);
  const before = resident();
  let peak = before;
  const looking = setInterval(() => (peak = Math.max(peak, resident())), 100);
  const began = performance.now();
  const [status, text] = await send(MIB);
  clearInterval(looking);
  if (status >= 300) throw new Error(`${name} answered ${status}: ${text}`);
  const seconds = (performance.now() - began) / 1000;
  const growth = peak - before;
  console.log(
    `${name}: ${MIB} MiB in ${seconds.toFixed(1)} s, memory ${before.toFixed(0)} MB before, peak ${peak.toFixed(0)} MB, growth ${growth.toFixed(0)} MB`,
  );
  return growth;
}

try {
  const item = await fetch(`${server.url}/api/items?key=${TOKEN}`, { method: 'POST', body: '{}' });
  const { id } = (await item.json()) as { id: number };
  const data = `--XX\r\nContent-Disposition: form-data; name="data"\r\n\r\n{"item":{"id":${id}}}\r\n`;
  const growths = [
    await measure('ClassQuiz', (mib) => sendForm('/api/v1/storage/', '', 'video/mp4', 'a.mp4', mib)),
    await measure('Omeka', (mib) => sendForm(`/api/files?key=${TOKEN}`, data, 'text/plain', 'a.txt', mib)),
  ];
  if (Math.max(...growths) > ALLOWED) process.exitCode = 1;
} finally {
  await server.remove();
}
