import { statSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { Router } from 'express';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { Log } from '../deps.ts';

interface Options {
  db: Kysely<Schema>;
  /** The file of the database, which is open. */
  file: string;
  /** The folder of the stored bytes. */
  storage: string;
  log: Log;
}

/** GET /health: 200 only when the database answers and the storage can be written. Needs no token. */
export function healthRoutes({ db, file, storage, log }: Options): Router {
  const router = Router();
  const { ino } = statSync(file);
  router.get('/health', async (_req, res) => {
    res.setHeader('Cache-Control', 'no-store');
    try {
      await db.selectFrom('meta').select('key').limit(1).execute();
      // A file that was removed or replaced answers as before, and all that is written to it is gone at the next start.
      if ((await stat(file)).ino !== ino) throw new Error(`${file} is not the file that was opened`);
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
