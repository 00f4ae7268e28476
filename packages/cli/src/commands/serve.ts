import { setFlagsFromString } from 'node:v8';
import { startServer } from '@cambium/server';
import { Command } from 'commander';
import { settingsOf, withSettings } from '../settings.ts';

/**
 * How much garbage may pile up, in percent of what lives: V8 allows four times as much, and a server that streams a
 * large channel would take 50 MB more for nothing. For a process of its own only; a program that embeds the server
 * decides for itself.
 */
const GARBAGE = 50;

/**
 * Longest time that a stop may take, milliseconds. Most take a few; a transaction that makes very many nodes is let end,
 * since what it was asked for would only be asked for again. What is not done by then was stuck.
 */
const STOP_LIMIT = 30_000;

/** npm passes a signal on that the terminal has sent already: within so many milliseconds the second says nothing new. */
const PASSED_ON = 1_000;

export function serveCommand(): Command {
  return withSettings(
    new Command('serve').description('serve the API and the editor page on one port; SIGTERM and SIGINT stop it'),
  ).action(async (flags: Record<string, unknown>) => {
    const settings = settingsOf(flags);
    setFlagsFromString(`--heap-growing-percent=${GARBAGE}`);
    const server = await startServer(settings);
    process.stdout.write(`cambium ready on ${server.url}\n`);
    if (server.firstToken !== undefined)
      process.stdout.write(`the token of admin, told this once: ${server.firstToken}\n`);
    if (server.openToken !== undefined) process.stdout.write(`open ${server.url}/#token=${server.openToken}\n`);
    let began: number | null = null;
    const stop = (signal: NodeJS.Signals): void => {
      if (began !== null) {
        if (performance.now() - began > PASSED_ON) endAtOnce(signal);
        return;
      }
      began = performance.now();
      setTimeout(() => {
        process.stderr.write(`cambium: not stopped after ${STOP_LIMIT / 1000} s: what was not answered is undone\n`);
        endAtOnce('SIGKILL');
      }, STOP_LIMIT).unref();
      server.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`cambium: ${error instanceof Error ? error.stack : String(error)}\n`);
          process.exit(1);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

/** An ordinary exit would wait for the writer's thread. Nothing that was acknowledged is lost, as with any crash. */
function endAtOnce(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
