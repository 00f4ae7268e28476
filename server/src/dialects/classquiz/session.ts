import { createHmac, timingSafeEqual } from 'node:crypto';

/** Milliseconds between the two steps of a login. */
const LIFE = 600_000;

/** Who a login was begun for, in the session's own name: until its second step nothing is kept of it. */
export function openSession(secret: string, email: string, now: number): string {
  const begun = `${now + LIFE}.${Buffer.from(email).toString('base64url')}`;
  return `${begun}.${sign(secret, begun)}`;
}

/** Who it was begun for; null for what is no session, or no more. */
export function readSession(secret: string, session: string, now: number): string | null {
  const [, begun = '', until = '', email = '', signature = ''] =
    /^((\d{1,16})\.([\w-]*))\.([0-9a-f]{64})$/.exec(session) ?? [];
  const isOurs = timingSafeEqual(Buffer.from(sign(secret, begun)), Buffer.from(signature.padEnd(64)));
  return isOurs && now < Number(until) ? Buffer.from(email, 'base64url').toString() : null;
}

function sign(secret: string, begun: string): string {
  return createHmac('sha256', `classquiz-login:${secret}`).update(begun).digest('hex');
}
