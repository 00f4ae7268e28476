import { Router } from 'express';
import { openApiDocument } from './document.ts';
import type { Dialect } from './operation.ts';

/** GET /api/openapi.json. Needs no token: it tells what everybody may know. */
export function openApiRoutes(dialects: readonly Dialect[]): Router {
  const router = Router();
  const text = JSON.stringify(openApiDocument(dialects));
  router.get('/api/openapi.json', (_req, res) => {
    res.set('Cache-Control', 'no-cache').type('json').send(text);
  });
  return router;
}
