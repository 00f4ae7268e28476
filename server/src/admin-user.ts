import type { Database } from 'better-sqlite3';
import { newId } from '@cambium/protocol';
import { statement } from './database/statement.ts';
import type { ServerDeps } from './deps.ts';
import { DEFAULT_STORAGE_LIMIT, hashToken } from './writer/users.ts';
import type { User } from './writer/writer.ts';

export interface Administrator {
  user: User;
  /** The user was made just now: this is the first start of the database. */
  isNew: boolean;
  /** The plain text of a token made just now, told once. */
  token: string | null;
}

/** Which of the administrator's tokens came from `ADMIN_TOKEN`: another value there ends it. */
const GIVEN = 'admin_token';

/**
 * Makes user `admin` when there is none, and lets `adminToken` in for it. Without one, a first start makes a token by
 * chance. Runs before the writer does.
 */
export function ensureAdmin(
  raw: Database,
  { clock, random }: Pick<ServerDeps, 'clock' | 'random'>,
  adminToken: string | null,
): Administrator {
  const now = new Date(clock.now()).toISOString();
  return raw.transaction(() => {
    const isNew = find(raw) === undefined;
    if (isNew) {
      statement(raw, `INSERT INTO user(id, username, admin, storage_limit, created) VALUES(?, 'admin', 1, ?, ?)`).run(
        newId(clock.now(), random),
        DEFAULT_STORAGE_LIMIT,
        now,
      );
    }
    const user = find(raw) as User;
    const token = isNew && adminToken === null ? Buffer.from(random(32)).toString('base64url') : null;
    if (token !== null) addToken(raw, user, token, now);
    if (adminToken !== null) replaceGiven(raw, user, adminToken, now);
    return { user, isNew, token };
  })();
}

function find(raw: Database): User | undefined {
  const row = statement<[], { pk: number; id: string }>(
    raw,
    `SELECT pk, id FROM user WHERE username = 'admin' AND admin = 1`,
  ).get();
  return row && { ...row, username: 'admin', admin: true };
}

function replaceGiven(raw: Database, user: User, token: string, now: string): void {
  const hash = hashToken(token).toString('hex');
  const given = statement<[string], { value: string }>(raw, `SELECT value FROM meta WHERE key = ?`).get(GIVEN);
  if (given && given.value !== hash) {
    statement(raw, `DELETE FROM token WHERE hash = ?`).run(Buffer.from(given.value, 'hex'));
  }
  addToken(raw, user, token, now);
  statement(raw, `INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)`).run(GIVEN, hash);
}

function addToken(raw: Database, user: User, token: string, now: string): void {
  statement(raw, `INSERT OR REPLACE INTO token(hash, user, created) VALUES(?, ?, ?)`).run(
    hashToken(token),
    user.pk,
    now,
  );
}
