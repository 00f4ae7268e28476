import { access, constants } from 'node:fs/promises';
import { Router } from 'express';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { Log } from '../deps.ts';

/** GET /health: 200 only when the database answers and the storage can be written. Needs no token. */
export function healthRoutes({ db, storage, log }: { db: Kysely<Schema>; storage: string; log: Log }): Router {
  const router = Router();
  router.get('/health', async (_req, res) => {
    res.setHeader('Cache-Control', 'no-store');
    try {
      await db.selectFrom('meta').select('key').limit(1).execute();
      await access(storage, constants.R_OK | constants.W_OK);
    } catch (error) {
      log.error({ err: error }, 'health check failed');
      res.status(503).json({ status: 'failing' });
      return;
    }
    res.json({ status: 'ok' });
  });
  return router;
}
