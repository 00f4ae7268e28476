import { ERRORS, type ErrorCode, isJsonObject, type ProtocolError, protocolError } from '@cambium/protocol';

/**
 * Why a try ended. `retry`: something on the way, try again later. `doubtful`: a refusal that may pass, but should not
 * be waited out for ever. `restart`: what the server has is of no use, begin
 * with a new upload. `smaller`: something on the way takes no request of this size. `unauthenticated`: wait for another
 * token, it costs no try. `refused`: no try will help.
 */
export type FailureKind = 'retry' | 'doubtful' | 'restart' | 'smaller' | 'unauthenticated' | 'refused';

/** The expected end of a try; anything else that is thrown is a fault of ours. */
export class UploadFailure extends Error {
  readonly kind: FailureKind;
  readonly error: ProtocolError;

  constructor(kind: FailureKind, error: ProtocolError) {
    super(error.message);
    this.name = 'UploadFailure';
    this.kind = kind;
    this.error = error;
  }
}

/** Refusals that pass by themselves: a lock ends, a clock moves on. */
const PASSING = new Set([408, 423, 425, 429]);
/** Those that pass when somebody does something: storage is freed, a right is given. */
const DOUBTFUL = new Set([403, 404, 412]);

/** What an answer that is no success means. */
export function failureOf(status: number, body: string): UploadFailure {
  const error =
    errorIn(body) ??
    protocolError(status >= 500 ? 'internal_error' : 'invalid_value', { message: `The server answered ${status}.` });
  if (status === 401) return new UploadFailure('unauthenticated', error);
  if (DOUBTFUL.has(status)) return new UploadFailure('doubtful', error);
  return new UploadFailure(status >= 500 || PASSING.has(status) ? 'retry' : 'refused', error);
}

/**
 * What was thrown, as the end of a try. Our own fault (a slice that is missing, say) is shown, with the bytes kept,
 * instead of ending all other uploads.
 */
export function asFailure(thrown: unknown): UploadFailure {
  if (thrown instanceof UploadFailure) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new UploadFailure('refused', protocolError('internal_error', { message: `It cannot be sent: ${reason}.` }));
}

/** No answer came at all. */
export function unreachable(cause: unknown): UploadFailure {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UploadFailure(
    'retry',
    protocolError('busy', { message: 'The server cannot be reached.', details: { reason } }),
  );
}

function errorIn(body: string): ProtocolError | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null; // Not ours: a proxy's page, or no body at all. The status says enough.
  }
  const error = isJsonObject(parsed) ? parsed['error'] : null;
  if (!isJsonObject(error) || typeof error['code'] !== 'string' || !Object.hasOwn(ERRORS, error['code'])) return null;
  const { code, message, field, details } = error;
  return {
    code: code as ErrorCode,
    message: typeof message === 'string' ? message : ERRORS[code as ErrorCode].message,
    ...(typeof field === 'string' && { field }),
    ...(details !== undefined && { details }),
  };
}
