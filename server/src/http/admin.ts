import { createHash, timingSafeEqual } from 'node:crypto';
import { Refusal, type Json, type JsonObject } from '@cambium/protocol';
import { Router, type Request } from 'express';
import { readJsonObject } from './body.ts';

export interface AdminDeps {
  /** Known to whoever may read the data folder. */
  secret: string;
  /** Runs a command by name. Null when there is no such command. */
  run(name: string, input: JsonObject): Promise<Json> | null;
}

/** POST /admin/{command}: what the command line asks of a running server, from the same machine and folder only. */
export function adminRoutes({ secret, run }: AdminDeps): Router {
  const router = Router();
  router.post('/admin/:command', async (req, res) => {
    if (!isLocal(req) || !holdsSecret(req, secret)) throw new Refusal('unauthenticated');
    const result = run(req.params.command, await readJsonObject(req));
    if (result === null) throw new Refusal('not_found', { message: 'There is no such command.' });
    res.setHeader('Cache-Control', 'no-store');
    res.json({ result: await result });
  });
  return router;
}

function isLocal(req: Request): boolean {
  const address = req.socket.remoteAddress ?? '';
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}

/** Digests have one length, so that the comparison tells nothing of the secret's. */
function holdsSecret(req: Request, secret: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(req.headers.authorization ?? ''), digest(`Bearer ${secret}`));
}
