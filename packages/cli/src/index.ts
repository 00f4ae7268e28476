import { CommanderError } from 'commander';
import { createProgram } from './program.ts';
import { explain } from './report.ts';

/** Runs one command line. Exit codes: 0 done, 1 it does not hold or was refused, 2 used wrongly. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = createProgram();
  const quiet = [program, ...program.commands, ...program.commands.flatMap((command) => command.commands)];
  for (const command of quiet) command.exitOverride();
  // A command that waits for its server to come back holds nothing else that keeps Node from ending, with code 0.
  const working = setInterval(() => undefined, 60_000);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  } finally {
    clearInterval(working);
  }
}

function report(error: unknown): number {
  // Commander has said it already; its own code is 0 for help and version, 1 for wrong use.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { text, code } = explain(error);
  process.stderr.write(`cambium: ${text}\n`);
  return code;
}
