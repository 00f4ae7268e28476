import type { Response } from 'express';

/** Learnosity's numbers, each with the HTTP status and the sentence that go with it. */
const ERRORS = {
  10000: [500, 'An error has occurred'],
  20000: [400, 'Missing mandatory parameter(s)'],
  20001: [400, 'Invalid parameter length'],
  20002: [400, 'Too many parameters passed'],
  20003: [400, 'Invalid parameter type'],
  20004: [400, 'Invalid parameter value'],
  20009: [400, 'JSON failed to validate against schema'],
  20012: [404, 'Not Found'],
  40001: [405, 'Method not allowed'],
  40003: [403, 'No sufficient access rights to organisation'],
  41000: [400, 'Missing security parameters'],
  41001: [403, 'Invalid parameter length'],
  41002: [403, 'Not a valid consumer'],
  41003: [403, 'Signatures do not match'],
  41004: [403, 'Timestamp out of valid range'],
  41005: [403, 'Invalid domain'],
  41006: [400, 'expires must be a GMT date of format YYYYMMDD-HHMM'],
  41007: [400, 'Request after the expire timestamp'],
  42000: [429, 'Too many requests'],
} as const satisfies Record<number, readonly [status: number, message: string]>;

export type Code = keyof typeof ERRORS;

/** A request that Learnosity refuses. `what` says more than the number does. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly code: Code;
  /** Milliseconds after which the same request may be sent again. */
  readonly wait: number | null;

  constructor(code: Code, what?: string, wait: number | null = null) {
    super(what === undefined ? ERRORS[code][1] : `${ERRORS[code][1]}: ${what}`);
    this.code = code;
    this.wait = wait;
  }
}

/** `{"meta": {"status": false, code, message}, "data": []}`; some clients read `data` before they look at `meta`. */
export function sendDataError(res: Response, { code, message, wait }: DataError): void {
  const meta = { status: false, code, message, request_uuid: res.locals['requestId'] };
  res.setHeader('Cache-Control', 'no-store');
  if (wait !== null) res.setHeader('Retry-After', String(Math.ceil(wait / 1000)));
  res.status(ERRORS[code][0]).json({ meta, data: [] });
}
