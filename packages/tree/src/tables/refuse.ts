import { protocolError, type ErrorCode, type ProtocolError } from '@cambium/protocol';

/** The outcome of a change that is not possible. */
export interface Refused {
  ok: false;
  errors: ProtocolError[];
}

export function refuse(code: ErrorCode, field?: string): Refused {
  return { ok: false, errors: [protocolError(code, field === undefined ? {} : { field })] };
}

/** Tells a refusal from a row or a place: neither of them has errors. */
export function isRefused(value: object): value is Refused {
  return 'errors' in value;
}
