import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { CambiumClient } from '@cambium/client';
import { type Id, newId } from '@cambium/protocol';
import { webcrypto } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { connect } from '../connect.ts';
import { Failure, UsageError } from '../fail.ts';
import { createOutput, type Output } from '../output.ts';
import { persist } from '../patience.ts';
import { startOwnServer } from '../process.ts';
import { filesOfHead } from '../replay/git.ts';
import { gitHistory } from '../replay/history.ts';
import { ForkedPlay } from '../replay/forked.ts';
import { playLinear } from '../replay/linear.ts';
import { Random } from '../replay/random.ts';
import { readTrace, type Trace } from '../replay/trace.ts';
import { Translator } from '../replay/translate.ts';
import { fileLines, finalLines } from '../replay/tree.ts';
import { verify } from '../replay/verify.ts';
import { findTarget } from '../target.ts';

interface Options {
  git?: string;
  verify?: string;
  clients: number;
  seed: number;
  server?: string;
  token?: string;
  json?: boolean;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100)
    throw new InvalidArgumentError('It must be a whole number from 1 to 100.');
  return value;
}

function seedOf(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
  return value;
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('play a real history through the client library and compare the trees at the end')
    .argument('[trace]', 'a recorded history, TRACE.jsonl.gz')
    .option('--git <repository>', "play the first-parent history of a git repository; compare with git's own tree")
    .option('--verify <file>', 'FINAL.json.gz, the expected tree of a recorded history')
    .option('--clients <n>', 'play with this many clients, each offline and back at random moments', count, 1)
    .option('--seed <n>', 'of the random moments (default: a new one, printed)', seedOf)
    .option('--server <url>', 'play on this server (default: one of its own on a temporary folder)')
    .option('--token <token>', 'token for that server (default: CAMBIUM_TOKEN, else ADMIN_TOKEN)')
    .option('--json', 'one JSON value instead of lines')
    .action(async (trace: string | undefined, given: Omit<Options, 'seed'> & { seed?: number }) => {
      const options = { ...given, seed: given.seed ?? randomInt(0xffffffff) };
      if ((trace === undefined) === (options.git === undefined))
        throw new UsageError('give either a trace or --git REPOSITORY');
      for (const path of [trace, options.git, options.verify])
        if (path !== undefined && !existsSync(path)) throw new UsageError(`there is no ${path}`);
      await replay(trace, options, createOutput(options.json === true));
    });
}

async function replay(path: string | undefined, options: Options, output: Output): Promise<void> {
  const history: Trace =
    path === undefined ? { kind: 'linear', batches: await gitHistory(options.git as string) } : await readTrace(path);
  const expected =
    path === undefined
      ? fileLines(await filesOfHead(options.git as string))
      : options.verify === undefined
        ? null
        : await finalLines(options.verify);
  const own = options.server === undefined ? await startOwnServer() : null;
  try {
    await play(own ?? findTarget({ ...options, server: options.server as string }), history, expected, options, output);
  } finally {
    await own?.dispose();
  }
}

async function play(
  target: { server?: string; url?: string; token: string },
  history: Trace,
  expected: string[] | null,
  options: Options,
  output: Output,
): Promise<void> {
  const server = (target.url ?? target.server) as string;
  const { token } = target;
  const channel = await createChannel(server, token);
  const translator = new Translator(channel);
  const events =
    history.kind === 'linear'
      ? history.batches.reduce((sum, batch) => sum + batch.events.length, 0)
      : history.batches.reduce((sum, batch) => sum + batch.events.length + batch.resolve.length, 0);
  output.line(`seed ${options.seed}`);
  const progress = output.progress('replaying', events, 'events');
  const began = performance.now();
  let refusals: Map<string, number> = new Map();
  let clients: CambiumClient[];
  if (history.kind === 'linear') {
    clients = await playLinear({
      server,
      token,
      channel,
      count: options.clients,
      batches: history.batches,
      translator,
      random: new Random(options.seed),
      progress,
    });
  } else {
    const forked = new ForkedPlay({ server, token, channel, translator, progress });
    clients = await forked.play(history.batches);
    refusals = forked.refusals;
  }
  const seconds = (performance.now() - began) / 1000;
  progress.stop();
  const fresh = await connect(server, token);
  await persist(() => fresh.follow(channel));
  // Forks disagree by nature: what they end at is the server's rule, so only the replicas are compared with each other.
  const wrong = await verify({
    server,
    token,
    channel,
    replicas: [...clients, fresh],
    expected: history.kind === 'linear' ? expected : null,
  });
  for (const client of [...clients, fresh]) await client.close();
  const refused = Object.fromEntries([...refusals].sort(([a], [b]) => (a < b ? -1 : 1)));
  output.value({
    events,
    batches: history.batches.length,
    seconds,
    rate: events / seconds,
    equal: wrong === null,
    refused,
    seed: options.seed,
    channel,
  });
  if (wrong !== null) throw new Failure(`replayed ${events} events; trees differ: ${wrong}`);
  if (refusals.size > 0)
    output.line(
      `refused: ${Object.entries(refused)
        .map(([code, times]) => `${code} ${times}`)
        .join(', ')}`,
    );
  output.line(
    `replayed ${events} events of ${history.batches.length} batches in ${seconds.toFixed(1)} s (${Math.round(events / seconds)} events/s), tree equal`,
  );
}

async function createChannel(server: string, token: string): Promise<Id> {
  const id = newId(Date.now(), (length) => webcrypto.getRandomValues(new Uint8Array(length)));
  const answer = await persist(() =>
    fetch(`${server}/api/channel`, {
      method: 'POST',
      headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id, name: 'Replay' }),
    }),
  );
  if (!answer.ok)
    throw new Failure(`the channel could not be made: HTTP ${answer.status} ${(await answer.text()).slice(0, 200)}`);
  return id;
}
