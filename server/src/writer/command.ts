import type { Database } from 'better-sqlite3';
import type { ServerDeps } from '../deps.ts';
import type { Commands, CommitRequest, CommitResult, Committed } from './writer.ts';

/** What a command works with: it runs alone, inside the transaction of the commit that it shares. */
export interface CommandContext {
  /** The writing connection. Rows of channels go through `commit`, so that the log tells of them. */
  db: Database;
  deps: ServerDeps;
  /** Time of the transaction, ISO 8601; never behind the last change. */
  now: () => string;
  /** Writes that join the log, as part of this command: when it throws they are taken back with it. */
  commit: (request: CommitRequest) => CommitResult;
  /** Tells listeners, after the commit, that somebody's role changed. */
  announce: (role: Committed['roles'][number]) => void;
}

export type CommandName = keyof Commands;
type Run<Name extends CommandName> = (
  context: CommandContext,
  input: Commands[Name]['input'],
) => Commands[Name]['output'];

const commands = new Map<string, (context: CommandContext, input: never) => unknown>();

/**
 * Registers a named transaction. It is synchronous; throwing a `Refusal` takes back everything it did and answers with
 * it; throwing anything else is a failure of the server's own.
 *
 * @example
 * declare module '../writer/writer.ts' {
 *   interface Commands { 'user.rename': { input: { pk: number; username: string }; output: void } }
 * }
 * defineCommand('user.rename', ({ db }, { pk, username }) => void db.prepare('…').run(username, pk));
 */
export function defineCommand<Name extends CommandName>(name: Name, run: Run<Name>): void {
  if (commands.has(name)) throw new Error(`command ${name} is defined twice`);
  commands.set(name, run);
}

export function runCommand(context: CommandContext, name: string, input: unknown): unknown {
  const run = commands.get(name);
  if (!run) throw new Error(`there is no command ${name}`);
  return run(context, input as never);
}
