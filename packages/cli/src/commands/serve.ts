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

/** Longest time that a stop may take, milliseconds; what is not done by then was stuck. */
const STOP_LIMIT = 5000;

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
    let stopping = false;
    const stop = (): void => {
      // npm passes a signal on although the terminal has sent it already: the second one says nothing new.
      if (stopping) return;
      stopping = true;
      setTimeout(() => process.exit(1), STOP_LIMIT).unref();
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
