import { ERRORS, protocolError, Refusal, type ErrorCode, type ProtocolError } from '@cambium/protocol';
import type { ErrorRequestHandler, Response } from 'express';
import type { Log } from '../deps.ts';
import { isTooLate } from './client-error.ts';

/** Seconds after which a client may try again when the server was busy. */
const RETRY_AFTER = '1';

/** Answers with an error of the table: `{"error": {code, message, field?, details?}}`. */
export function sendError(res: Response, error: ProtocolError): void {
  const { status } = ERRORS[error.code];
  if (error.code === 'busy') res.setHeader('Retry-After', RETRY_AFTER);
  if (error.code === 'unauthenticated') res.setHeader('WWW-Authenticate', 'Token');
  res.status(status).json({ error });
}

/** Answers whatever was thrown on the way: a refusal as it says, anything else as a bug, logged and never shown. */
export type Fail = (thrown: unknown, res: Response) => void;

export function failing(log: Log): Fail {
  return (thrown, res) => {
    if (isTooLate(thrown, res)) return;
    const error = toProtocolError(thrown);
    if (error.code === 'internal_error') log.error({ request: res.locals['requestId'], err: thrown }, 'request failed');
    // The status is gone; a cut connection is the only way left to say that the body is not complete.
    if (res.headersSent) res.destroy();
    else sendError(res, error);
  };
}

/** The last handler of an app. */
export function errorHandler(fail: Fail): ErrorRequestHandler {
  // Express tells an error handler by its four parameters.
  return (thrown: unknown, _req, res, _next) => fail(thrown, res);
}

function toProtocolError(thrown: unknown): ProtocolError {
  if (thrown instanceof Refusal) return thrown.error;
  const status = statusOf(thrown);
  if (status === null) return protocolError('internal_error');
  return protocolError(
    CODES[status] ?? 'invalid_value',
    status === 400 ? { message: 'The address is malformed.' } : {},
  );
}

const CODES: Record<number, ErrorCode> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'too_large',
  415: 'unsupported_type',
};

/** Express and its helpers throw errors with a 4xx status, such as for a broken percent-encoding. */
function statusOf(thrown: unknown): number | null {
  if (typeof thrown !== 'object' || thrown === null || !('status' in thrown)) return null;
  const { status } = thrown;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null;
}
