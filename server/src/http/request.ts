import { bytesToText } from './text.ts';
import type { RequestHandler } from 'express';
import type { ServerDeps } from '../deps.ts';

/**
 * First of all handlers: gives the request an id, which every answer bears as `X-Request-Id`, and writes one line of
 * log when it is over. Queries are left out of the log, since a signed URL is a secret.
 */
export function requestLog({ clock, random, log }: Pick<ServerDeps, 'clock' | 'random' | 'log'>): RequestHandler {
  return (req, res, next) => {
    const started = clock.now();
    const id = bytesToText(random(12));
    const path = pathOf(req.url);
    res.locals['requestId'] = id;
    res.setHeader('X-Request-Id', id);
    // A path with doubled slashes is a client's slip, not another resource.
    req.url = path.replace(/\/{2,}/g, '/') + req.url.slice(path.length);
    res.on('close', () => {
      const fields = {
        request: id,
        method: req.method,
        path: loggedPath(path),
        status: res.statusCode,
        ms: clock.now() - started,
      };
      if (res.writableFinished) log.info(fields, 'answered');
      else log.info(fields, 'cut off');
    });
    next();
  };
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** Content paths carry a capability: whoever reads the log must not be able to use it. */
function loggedPath(path: string): string {
  return /^\/+content\//.test(path) ? '/content/…' : path.slice(0, 300);
}
