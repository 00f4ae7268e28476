import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Id, LogEntry } from '@cambium/protocol';
import { applyEntry, MemoryTree } from '@cambium/tree';
import { COMMAND } from '../cli/run.ts';
import { Random } from '../simulation/world/random.ts';
import { startKillable, TOKEN, type KillableServer } from './process.ts';
import { idOf, Pusher } from './pusher.ts';

/** Clients that push at the same time: their batches share commits. */
const CLIENTS = 3;

export interface KillReport {
  kills: number;
  changes: number;
  /** Requests that a kill broke off. */
  repeated: number;
  /** What does not hold, one line each. */
  problems: string[];
}

/** Kills the server so often, at moments that the seed decides, while clients push; then compares all there is. */
export async function killAndCompare(kills: number, seed: number): Promise<KillReport> {
  const random = new Random(seed, 'kills');
  const server = await startKillable();
  try {
    const channel = idOf(random);
    const pushers = Array.from(
      { length: CLIENTS },
      (_, i) => new Pusher(() => server.url, channel, new Random(seed, `pusher ${i}`)),
    );
    await pushers[0]?.createChannel();
    let isOver = false;
    const pushing = pushers.map(async (pusher) => {
      while (!isOver) await pusher.push();
    });
    for (let i = 0; i < kills; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, random.between(20, 800)));
      await server.kill();
      await server.start();
    }
    isOver = true;
    await Promise.all(pushing);
    const problems = await compare(server, channel, pushers);
    return {
      kills,
      changes: pushers.reduce((sum, { answers }) => sum + answers.size, 0),
      repeated: pushers.reduce((sum, { repeated }) => sum + repeated, 0),
      problems,
    };
  } finally {
    await server.remove();
  }
}

async function compare(server: KillableServer, channel: Id, pushers: readonly Pusher[]): Promise<string[]> {
  const log = await readLog(server.url, channel);
  const wrong = pushers.flatMap((pusher) => pusher.compare(log));
  const gap = log.findIndex(({ server_rev }, index) => server_rev !== index + 1);
  if (gap >= 0) wrong.push(`the log has a gap at ${gap + 1}`);
  const tree = new MemoryTree();
  for (const entry of log) tree.apply(applyEntry(entry, tree));
  const replayed = tree.order(channel).map(([id]) => id);
  const present = await readOrder(server.url, channel);
  const differs = present.findIndex((id, index) => id !== replayed[index]);
  if (differs >= 0 || present.length !== replayed.length) {
    wrong.push(
      `the log makes ${replayed.length} nodes, the server has ${present.length}; node ${differs} is another one`,
    );
  }
  if ((await check(server.dataDir)) !== 0) wrong.push('`cambium check` fails while the server runs');
  await server.kill();
  if ((await check(server.dataDir)) !== 0) wrong.push('`cambium check` fails after the server was killed');
  return wrong;
}

async function readLog(url: string, channel: Id): Promise<LogEntry[]> {
  const log: LogEntry[] = [];
  for (;;) {
    const page = (await (await get(`${url}/api/channel/${channel}/changes?after=${log.length}`)).json()) as {
      results: LogEntry[];
      more: boolean;
    };
    log.push(...page.results);
    if (!page.more) break;
  }
  for (const entry of log) {
    if (entry.rows_at === undefined) continue;
    const lines = (await (await get(entry.rows_at)).text()).trim().split('\n');
    entry.rows = lines.map((line) => JSON.parse(line) as NonNullable<LogEntry['rows']>[number]);
  }
  return log;
}

/** The ids of the nodes in document order. */
async function readOrder(url: string, channel: Id): Promise<Id[]> {
  const lines = (await (await get(`${url}/api/channel/${channel}/snapshot`)).text()).trim().split('\n').slice(1, -1);
  const rows = lines.map((line) => JSON.parse(line) as { table: string; row: { id: Id } });
  return rows.filter(({ table }) => table === 'contentnode').map(({ row }) => row.id);
}

async function get(url: string): Promise<Response> {
  const response = await fetch(url, { headers: { authorization: `Token ${TOKEN}` } });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response;
}

async function check(dataDir: string): Promise<number | null> {
  const child = spawn(process.execPath, [COMMAND, 'check'], {
    env: { ...process.env, DATA_DIR: dataDir },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}
