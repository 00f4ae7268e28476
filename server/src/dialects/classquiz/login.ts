import express, { type Request, type Response, type Router } from 'express';
import type { DialectDeps } from '../deps.ts';
import { missing, noString, readObject } from './body.ts';
import { quoteCookie } from './cookie.ts';
import { Detail, failing } from './errors.ts';
import { addRoute, endRoutes } from './route.ts';
import { openSession, readSession } from './session.ts';

const YEAR = 31_536_000;

/**
 * ClassQuiz's login at `/api/v1/login`, for clients that cannot be given a token in any other way: the name stands in
 * the place of the e-mail address, one of the user's tokens in the place of the password. The access token that comes
 * out is that token; it does not expire, so there is nothing to be remembered or refreshed.
 */
export function loginRouter({ holder, publicBase, clock, secret, log }: DialectDeps): Router {
  const fail = failing(log);
  const router = express.Router();
  const wrong = () => new Detail(401, 'wrong credentials');

  // The same for a name that nobody has: who is there is nobody's business.
  async function start(req: Request, res: Response): Promise<void> {
    const body = await readObject(req);
    const email = readText(body, 'email');
    res.setHeader('Cache-Control', 'no-store');
    const session_id = openSession(secret, email, clock.now());
    res.status(200).json({ step_1: ['PASSWORD'], step_2: [], session_id, webauthn_data: null });
  }

  async function step(req: Request, res: Response): Promise<void> {
    const session = req.query['session_id'];
    if (typeof session !== 'string') throw new Detail(422, [missing(['query', 'session_id'], null)]);
    const body = await readObject(req);
    if (readText(body, 'auth_type') !== 'PASSWORD') throw wrong();
    const token = readText(body, 'data');
    const email = readSession(secret, session, clock.now());
    const user = email === null ? null : await holder(token);
    if (!user || user.username !== email) throw wrong();
    const secure = publicBase(req).startsWith('https:') ? '; Secure' : '';
    const value = quoteCookie(`Bearer ${token}`);
    res.setHeader('Set-Cookie', `access_token=${value}; HttpOnly; Max-Age=${YEAR}; Path=/; SameSite=lax${secure}`);
    res.setHeader('Cache-Control', 'no-store');
    res.status(200).json({ access_token: token, token_type: 'bearer' });
  }

  addRoute(router, fail, '/start', { post: start });
  addRoute(router, fail, '/step/1', { post: step });
  endRoutes(router, fail);
  return router;
}

function readText(body: Record<string, unknown>, field: string): string {
  const loc = ['body', field];
  const value = Object.hasOwn(body, field) ? body[field] : undefined;
  if (value === undefined) throw new Detail(422, [missing(loc, body)]);
  if (typeof value !== 'string') throw new Detail(422, [noString(loc, value)]);
  return value;
}
