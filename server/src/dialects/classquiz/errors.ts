import type { Response } from 'express';
import { Refusal } from '@cambium/protocol';
import type { Log } from '../../deps.ts';
import { isGone } from '../gone.ts';

/** One entry of FastAPI's list of what is wrong with a request. */
export interface Invalid {
  type: string;
  loc: (string | number)[];
  msg: string;
  input: unknown;
  ctx?: Record<string, unknown>;
}

/** An answer of ClassQuiz that is no success: `{"detail": …}`. */
export class Detail extends Error {
  override readonly name = 'Detail';
  readonly status: number;
  readonly detail: string | Invalid[];

  constructor(status: number, detail: string | Invalid[]) {
    super(typeof detail === 'string' ? detail : 'invalid request');
    this.status = status;
    this.detail = detail;
  }
}

export const notFound = (): Detail => new Detail(404, 'File not found');
export const unsupported = (): Detail => new Detail(422, 'Unsupported');
export const noFile = (): Detail =>
  new Detail(422, [{ type: 'missing', loc: ['body', 'file'], msg: 'Field required', input: null }]);

/** Answers whatever was thrown on the way, in ClassQuiz's words. */
export function failing(log: Log) {
  return (thrown: unknown, res: Response): void => {
    const { status, detail } = toDetail(thrown);
    if (status === 500 && !isGone(res)) log.error({ request: res.locals['requestId'], err: thrown }, 'request failed');
    if (res.headersSent) {
      res.destroy();
      return;
    }
    if (status === 401) res.setHeader('WWW-Authenticate', 'Bearer');
    res.setHeader('Cache-Control', 'no-store');
    res.status(status).json({ detail });
  };
}

function toDetail(thrown: unknown): Detail {
  if (thrown instanceof Detail) return thrown;
  if (!(thrown instanceof Refusal)) return new Detail(500, 'Internal Server Error');
  switch (thrown.error.code) {
    case 'quota_exceeded':
      return new Detail(409, 'Storage limit reached');
    case 'too_large':
      return new Detail(413, 'Request Entity Too Large');
    case 'not_found':
      return notFound();
    case 'forbidden':
      return new Detail(403, 'Forbidden');
    case 'busy':
      return new Detail(503, 'Service Unavailable');
    default:
      return new Detail(500, 'Internal Server Error');
  }
}
