import type { Request } from 'express';
import type { User } from '../../writer/writer.ts';
import type { DialectDeps } from '../deps.ts';
import { readCookie } from './cookie.ts';
import { Detail } from './errors.ts';

/** Who sent the request: by `Authorization: Bearer`, or by the cookie that ClassQuiz's own pages send. */
export function storageAuth({ holder }: Pick<DialectDeps, 'holder'>) {
  return async (req: Request): Promise<User> => {
    const token = bearer(req.headers.authorization) ?? bearer(readCookie(req, 'access_token'));
    if (token === null) throw new Detail(401, 'Not authenticated');
    const user = await holder(token);
    if (!user) throw new Detail(401, 'Could not validate credentials');
    return user;
  };
}

function bearer(value: string | null | undefined): string | null {
  return /^bearer +(\S{1,512})$/i.exec(value ?? '')?.[1] ?? null;
}
