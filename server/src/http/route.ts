import { Refusal } from '@cambium/protocol';
import type { Request, Response, Router } from 'express';
import type { User } from '../writer/writer.ts';
import type { Auth } from './auth.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Answers one request of a user who is known. What it throws goes to the error handler. */
export type Handler = (req: Request, res: Response, user: User) => Promise<void>;

/** One address with all that it can do; any other method is answered with 405 and what is allowed. */
export function route(router: Router, auth: Auth, path: string, handlers: Partial<Record<Method, Handler>>): void {
  const address = router.route(path);
  const methods = Object.entries(handlers) as [Method, Handler][];
  for (const [method, handler] of methods) {
    address[method](async (req, res) => handler(req, res, await auth.user(req)));
  }
  const allowed = [...methods.map(([method]) => method.toUpperCase()), ...(handlers.get ? ['HEAD'] : []), 'OPTIONS'];
  address.all(async (req, res) => {
    res.setHeader('Allow', allowed.join(', '));
    if (req.method === 'OPTIONS') {
      res.status(204).end();
      return;
    }
    await auth.user(req);
    throw new Refusal('method_not_allowed');
  });
}
