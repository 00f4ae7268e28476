import { Refusal } from '@cambium/protocol';
import express, { type Express, type RequestHandler, type Router } from 'express';
import { channelRoutes } from './channels.ts';
import { compress } from './compress.ts';
import { cors } from './cors.ts';
import type { HttpDeps } from './deps.ts';
import { eventRoutes, type Events } from './events.ts';
import { errorHandler, failing } from './fail.ts';
import { logRoutes } from './log.ts';
import { nodeRoutes } from './nodes.ts';
import type { Dialect } from './openapi/operation.ts';
import { openApiRoutes } from './openapi/routes.ts';
import { Readers } from './readers.ts';
import { requestLog } from './request.ts';
import { SearchIndex } from './search-index.ts';
import { syncRoutes } from './sync.ts';
import { userRoutes } from './users.ts';

export interface AppParts {
  /** Sees every request first. */
  observe?: RequestHandler;
  corsOrigins: readonly string[];
  /** APIs of other systems that are among the routers. */
  dialects?: readonly Dialect[];
  /** Routers that read their own bodies and send their own bytes: they come before everything that would touch either. */
  bytes: Router[];
  /** Asked before the API says that there is nothing at an address. */
  fallback?: Router[];
  /** Routers beside the API, such as the health check and the page. */
  beside: Router[];
}

/** The whole HTTP side, ready to be given to a server. `events` has to be closed when it stops. */
export interface HttpSide {
  app: Express;
  events: Events;
  /** What it notes of cursors is written late; `flush` writes it now. */
  readers: Readers;
  /** Follows the log when a search needs it; `start` makes it do so unasked. */
  searchIndex: SearchIndex;
}

export function createApp(deps: HttpDeps, parts: AppParts): HttpSide {
  const app = express();
  app.disable('x-powered-by');
  // A weak tag costs a hash of every answer and saves nothing: clients ask by cursor.
  app.disable('etag');
  if (parts.observe) app.use(parts.observe);
  app.use(requestLog(deps));
  app.use(cors(parts.corsOrigins));
  for (const router of parts.bytes) app.use(router);
  app.use(compress());

  app.use(openApiRoutes(parts.dialects ?? []));
  const events = eventRoutes(deps);
  const readers = new Readers(deps);
  const searchIndex = new SearchIndex(deps);
  app.use('/api', noStore);
  app.use('/api/sync/events', events.router);
  app.use('/api/sync', syncRoutes(deps, readers));
  app.use('/api/channel', logRoutes(deps, readers));
  app.use('/api/channel', channelRoutes(deps));
  app.use('/api/contentnode', nodeRoutes(deps, searchIndex));
  app.use('/api/user', userRoutes(deps));
  for (const router of parts.fallback ?? []) app.use(router);
  app.use('/api', (_req, _res, next) =>
    next(new Refusal('not_found', { message: 'There is nothing at this address.' })),
  );

  for (const router of parts.beside) app.use(router);
  app.use(errorHandler(failing(deps.log)));
  return { app, events, readers, searchIndex };
}

/** What the API answers belongs to one user and one moment. */
const noStore: RequestHandler = (_req, res, next) => {
  res.setHeader('Cache-Control', 'no-store');
  next();
};
