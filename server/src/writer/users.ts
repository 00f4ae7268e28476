import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { Refusal, newId, type Id } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import type { ServerDeps } from '../deps.ts';
import { defineCommand } from './command.ts';

/** Bytes that a user may store when nothing else is said. */
export const DEFAULT_STORAGE_LIMIT = 524_288_000;

interface NewUser {
  username: string;
  /** Bytes. */
  storage_limit?: number;
  admin?: boolean;
  /** Of the token that the user gets at once; its plain text never comes here when it was made elsewhere. */
  tokenHash?: Uint8Array;
}

declare module './writer.ts' {
  interface Commands {
    /** Refusal: `already_exists`. `token` is the plain text of a new one, told once, unless `tokenHash` was given. */
    'user.add': { input: NewUser; output: { user: User; storage_limit: number; token: string | null } };
    /** Ends all tokens of a user and lets no new one be made. Refusal: `not_found`. */
    'user.disable': { input: { username: string }; output: void };
    /** A further token, told once. Refusal: `not_found`. */
    'token.create': { input: { username: string; tokenHash?: Uint8Array }; output: { token: string | null } };
    /** Refusal: `not_found`. */
    'token.revoke': { input: { hash: Uint8Array }; output: void };
  }
}

/** How tokens are stored and compared. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

defineCommand(
  'user.add',
  ({ db, deps, now }, { username, storage_limit = DEFAULT_STORAGE_LIMIT, admin = false, tokenHash }) => {
    const id = newId(deps.clock.now(), deps.random);
    const text = `INSERT INTO user(id, username, admin, storage_limit, created) VALUES(?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING pk`;
    const made = statement<unknown[], { pk: number }>(db, text).get(id, username, admin ? 1 : 0, storage_limit, now());
    if (!made) throw new Refusal('already_exists', { field: 'username' });
    const token = addToken(db, deps, made.pk, now(), tokenHash);
    return { user: { pk: made.pk, id, username, admin }, storage_limit, token };
  },
);

defineCommand('user.disable', ({ db }, { username }) => {
  const user = userByName(db, username);
  statement(db, `UPDATE user SET disabled = 1 WHERE pk = ?`).run(user.pk);
  statement(db, `DELETE FROM token WHERE user = ?`).run(user.pk);
});

defineCommand('token.create', ({ db, deps, now }, { username, tokenHash }) => {
  const user = userByName(db, username);
  if (user.disabled) throw new Refusal('not_found', { message: 'That user is disabled.', field: 'username' });
  return { token: addToken(db, deps, user.pk, now(), tokenHash) };
});

defineCommand('token.revoke', ({ db }, { hash }) => {
  if (statement(db, `DELETE FROM token WHERE hash = ?`).run(hash).changes === 0) {
    throw new Refusal('not_found', { message: 'There is no such token.' });
  }
});

function userByName(db: Database, username: string): { pk: number; id: Id; disabled: number } {
  const text = `SELECT pk, id, disabled FROM user WHERE username = ?`;
  const found = statement<[string], { pk: number; id: Id; disabled: number }>(db, text).get(username);
  if (!found) throw new Refusal('not_found', { message: 'There is no such user.', field: 'username' });
  return found;
}

/** 32 random bytes as text that needs no escaping anywhere; the plain text is not kept. */
function addToken(db: Database, deps: ServerDeps, user: number, now: string, given?: Uint8Array): string | null {
  const token = given ? null : Buffer.from(deps.random(32)).toString('base64url');
  const hash = given ?? hashToken(token as string);
  statement(db, `INSERT OR IGNORE INTO token(hash, user, created) VALUES(?, ?, ?)`).run(hash, user, now);
  return token;
}
