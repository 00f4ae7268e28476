// Runs a command of the command line against a server that is killed again and again while it works.
//
//     npx tsx --conditions=source test/crash/siege.ts --kills 10 -- replay --git .
//     npx tsx --conditions=source test/crash/siege.ts --kills 10 -- push FOLDER
//
// Each kill is a SIGKILL of the whole server at a random moment; it is started again on the same folder and port. At
// the end the command must have succeeded and `cambium check` must find nothing.
import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { COMMAND } from '../cli/run.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '10' },
    shortest: { type: 'string', default: '300' },
    longest: { type: 'string', default: '3000' },
    keep: { type: 'boolean' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'cambium-siege-'));
const token = randomBytes(20).toString('hex');
const port = await freePort();
const server = `http://127.0.0.1:${port}`;
const env = {
  ...process.env,
  HOST: '127.0.0.1',
  PORT: String(port),
  DATA_DIR: join(folder, 'data'),
  ADMIN_TOKEN: token,
  CAMBIUM_SERVER: server,
  CAMBIUM_TOKEN: token,
  LOG_LEVEL: 'error',
};

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: found } = probe.address() as { port: number };
      probe.close(() => resolve(found));
    });
  });
}

async function start(): Promise<ReturnType<typeof spawn>> {
  const child = spawn(process.execPath, [COMMAND, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('cambium ready')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the server ended by itself (${code})`)));
  });
  child.removeAllListeners('exit');
  return child;
}

async function kill(child: ReturnType<typeof spawn>): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function run(args: string[]): Promise<number> {
  const child = spawn(process.execPath, [COMMAND, ...args], { env, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

let child = await start();
const [name, ...rest] = positionals as [string, ...string[]];
let over = false;
const work = run([name, ...(name === 'replay' ? ['--server', server, '--token', token] : []), ...rest]).finally(() => {
  over = true;
});
let kills = 0;
while (!over && kills < Number(values.kills)) {
  await wait(randomInt(Number(values.shortest), Number(values.longest)));
  if (over) break;
  await kill(child);
  kills += 1;
  child = await start();
}
const code = await work;
const whileRunning = await run(['check']);
await kill(child);
const afterwards = await run(['check']);
if (values.keep !== true) rmSync(folder, { recursive: true, force: true });
else console.log(`kept ${folder}`);
console.log(`killed ${kills} times; command ${code}, check ${whileRunning} and ${afterwards}`);
process.exit(code === 0 && whileRunning === 0 && afterwards === 0 ? 0 : 1);
