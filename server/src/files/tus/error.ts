import { ERRORS, Refusal, type ProtocolError } from '@cambium/protocol';
import type { Response } from 'express';

/** A refusal with a status that only tus knows. `status_code` and `body` are what @tus/server reads of an error. */
export class TusError extends Error {
  readonly status_code: number;
  readonly error: { code: string; message: string };

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'TusError';
    this.status_code = status;
    this.error = { code, message };
  }

  get body(): string {
    return this.error.message;
  }
}

/** The bytes are not those that were announced: 460, a status of the checksum extension. */
export function mismatch(message: string): TusError {
  return new TusError(460, 'checksum_mismatch', message);
}

const CODES: Record<number, string> = {
  400: 'invalid_value',
  403: 'missing_field',
  404: 'not_found',
  409: 'offset_conflict',
  410: 'gone',
  413: 'too_large',
};

/** What an error of ours or of @tus/server says to the client; null for a fault of the server. */
export function toTusAnswer(error: unknown): { status: number; error: ProtocolError | TusError['error'] } | null {
  if (error instanceof TusError) return { status: error.status_code, error: error.error };
  if (error instanceof Refusal) return { status: ERRORS[error.error.code].status, error: error.error };
  if (typeof error !== 'object' || error === null || !('status_code' in error) || !('body' in error)) return null;
  const { status_code: status, body } = error;
  if (typeof status !== 'number' || status >= 500) return null;
  const message = String(body).trim();
  // 403 is what the library says to a missing header: a malformed request, not a matter of rights.
  return { status: status === 403 ? 400 : status, error: { code: CODES[status] ?? 'invalid_value', message } };
}

export function sendTusError(res: Response, status: number, error: object): void {
  res.status(status).json({ error });
}
