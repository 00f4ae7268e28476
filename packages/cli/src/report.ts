import { Refusal } from '@cambium/protocol';
import { ArchiveError, SettingsError } from '@cambium/server';
import { Failure, UsageError } from './fail.ts';
import { isAway } from './patience.ts';

/** What is said of an error, and the exit code: 1 it does not hold, was refused or could not be done, 2 used wrongly. */
export function explain(error: unknown): { text: string; code: 1 | 2 } {
  if (error instanceof UsageError || error instanceof SettingsError) return { text: error.message, code: 2 };
  if (error instanceof ArchiveError || error instanceof Failure || error instanceof Refusal)
    return { text: error.message, code: 1 };
  if (isAway(error)) return { text: `the server cannot be reached${causeOf(error)}`, code: 1 };
  if (isOfSystem(error)) return { text: error.message, code: 1 };
  if (isOfDisk(error)) return { text: `the database cannot be used: ${error.message}`, code: 1 };
  // A fault of the program: whoever mends it needs all of it.
  return { text: error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error), code: 1 };
}

/** Did the operating system refuse a file or a folder? Its message names both the reason and the path. */
function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** Is it SQLite's file that is damaged, full, read-only or gone, rather than a statement of ours that is wrong? */
function isOfDisk(error: unknown): error is Error {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return /^SQLITE_(NOTADB|CORRUPT|CANTOPEN|READONLY|FULL|IOERR)/.test(error.code);
}

/** The innermost reason that has words, such as `connect ECONNREFUSED 127.0.0.1:8787`. */
function causeOf(error: Error): string {
  let reason = '';
  for (let { cause } = error; cause instanceof Error; { cause } = cause)
    if (cause.message !== '' && cause.message !== 'fetch failed') reason = `: ${cause.message}`;
  return reason;
}
