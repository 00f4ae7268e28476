import type { Request } from 'express';
import type { User } from '../../writer/writer.ts';
import type { DialectDeps } from '../deps.ts';
import { Detail } from './errors.ts';

/** Who sent the request: by `Authorization: Bearer`, or by the cookie that ClassQuiz's own pages send. */
export function storageAuth({ holder }: Pick<DialectDeps, 'holder'>) {
  return async (req: Request): Promise<User> => {
    const token = bearer(req.headers.authorization) ?? bearer(cookie(req, 'access_token'));
    if (token === null) throw new Detail(401, 'Not authenticated');
    const user = await holder(token);
    if (!user) throw new Detail(401, 'Could not validate credentials');
    return user;
  };
}

function bearer(value: string | null | undefined): string | null {
  return /^bearer +(\S{1,512})$/i.exec(value ?? '')?.[1] ?? null;
}

/** The value holds a space, so that most senders quote it and some percent-encode it. */
function cookie(req: Request, name: string): string | null {
  for (const pair of (req.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() !== name) continue;
    const value = pair
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    return value.replaceAll('%20', ' ');
  }
  return null;
}
