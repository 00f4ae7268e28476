import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '@cambium/protocol';
import type { Request } from 'express';
import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { hashToken } from '../writer/users.ts';
import type { User } from '../writer/writer.ts';

/** Users looked up lately are remembered, so that most requests cost no query. */
const REMEMBERED = 10_000;

export interface Auth {
  /** Who sent the request. Throws `unauthenticated`. */
  user(req: Request): Promise<User>;
  /** Who holds the token, or null. */
  holder(token: string): Promise<User | null>;
  /** To be called when a token was revoked or a user disabled: from then on the database is asked again. */
  forget(): void;
}

/** Tokens are kept as SHA-256 only; what is compared is the hash, in constant time. */
export function tokenAuth(db: Kysely<Schema>): Auth {
  const known = new Map<string, User>();
  // A lookup that began before `forget` must not bring back what was forgotten.
  let era = 0;

  async function holder(token: string): Promise<User | null> {
    const hash = hashToken(token);
    const key = hash.toString('base64');
    const remembered = known.get(key);
    if (remembered) return remembered;
    const begun = era;
    const row = await db
      .selectFrom('token')
      .innerJoin('user', 'user.pk', 'token.user')
      .select(['token.hash', 'user.pk', 'user.id', 'user.username', 'user.admin'])
      .where('token.hash', '=', hash)
      .where('user.disabled', '=', 0)
      .executeTakeFirst();
    if (!row || !timingSafeEqual(hash, row.hash)) return null;
    const user: User = { pk: row.pk, id: row.id, username: row.username, admin: row.admin === 1 };
    if (known.size >= REMEMBERED) known.clear();
    if (begun === era) known.set(key, user);
    return user;
  }

  return {
    holder,
    async user(req) {
      const token = tokenOf(req);
      const user = token === null ? null : await holder(token);
      if (!user) throw new Refusal('unauthenticated');
      return user;
    },
    forget() {
      era += 1;
      known.clear();
    },
  };
}

function tokenOf(req: Request): string | null {
  const match = /^(?:token|bearer) +(\S{1,512})$/i.exec(req.headers.authorization ?? '');
  return match?.[1] ?? null;
}
