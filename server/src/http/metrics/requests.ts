import type { Request, RequestHandler } from 'express';
import { Gauge, Histogram, type Registry } from 'prom-client';

/** From what a cached read takes to what a large upload takes, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600];

/** A label that anybody could lengthen by sending other addresses would fill memory. */
const MOST_ROUTES = 200;

/** Measures every request by the route that answered it, never by its address: ids and secrets are in that. */
export function measureRequests(registry: Registry): RequestHandler {
  const seconds = new Histogram({
    name: 'cambium_http_request_duration_seconds',
    help: 'Seconds from the head of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const uploads = new Gauge({
    name: 'cambium_uploads_in_flight',
    help: 'Requests that are bringing bytes of files at this moment',
    registers: [registry],
  });
  const routes = new Set<string>();
  const known = (route: string): string => {
    if (!routes.has(route) && routes.size >= MOST_ROUTES) return 'other';
    routes.add(route);
    return route;
  };

  return (req, res, next) => {
    const stop = seconds.startTimer();
    const brings = bringsBytes(req);
    if (brings) uploads.inc();
    res.once('close', () => {
      if (brings) uploads.dec();
      stop({ method: methodOf(req), route: known(routeOf(req)), status: res.statusCode });
    });
    next();
  };
}

function bringsBytes({ method, path }: Request): boolean {
  if (path.startsWith('/upload/')) return method === 'PUT';
  return (method === 'PATCH' || method === 'POST') && /^\/api\/upload(?:\/|$)/.test(path);
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Node knows dozens of methods and any of them may be sent. */
function methodOf({ method }: Request): string {
  return METHODS.has(method) ? method : 'other';
}

/**
 * The pattern of the route, such as `/api/channel/:id`. Where its router is mounted is read off the address: Express
 * forgets that on the way to an error handler.
 */
function routeOf(req: Request): string {
  const at = segments(req.originalUrl.replace(/\?.*$/, ''));
  // tus answers below its address without a route of ours.
  if (at[0] === 'api' && at[1] === 'upload') return '/api/upload';
  const route = req.route as { path?: unknown } | undefined;
  if (typeof route?.path !== 'string') return 'other';
  const own = segments(route.path);
  return `/${[...at.slice(0, Math.max(at.length - own.length, 0)), ...own].join('/')}`;
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
