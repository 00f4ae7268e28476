/** The command was used wrongly: one clear line and exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The command ran and what it was asked for does not hold: one clear line and exit code 1. */
export class Failure extends Error {
  override name = 'Failure';
}
