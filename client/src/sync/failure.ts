import { Refusal } from '@cambium/protocol';

/** No answer came: the network or the server is away. Whether the request was done is unknown. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('the server cannot be reached', { cause });
    this.name = 'Unreachable';
  }
}

/** The server failed on its own, or answered with what is no answer of this protocol. */
export class ServerFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ServerFailure';
    this.status = status;
  }
}

/** The server fails on one change, alone. Nothing behind it is sent until it works or is set aside. */
export class BlockedByChange extends Error {
  readonly rev: number;

  constructor(rev: number) {
    super(`the server fails on change ${rev}`);
    this.name = 'BlockedByChange';
    this.rev = rev;
  }
}

/** A token that is not taken is no failure of the server: waiting does not help. */
export function isDenied(error: unknown): boolean {
  return error instanceof Refusal && error.error.code === 'unauthenticated';
}
