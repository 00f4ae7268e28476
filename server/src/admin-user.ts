import type { Database } from 'better-sqlite3';
import { newId } from '@cambium/protocol';
import { statement } from './database/statement.ts';
import type { ServerDeps } from './deps.ts';
import { DEFAULT_STORAGE_LIMIT, hashToken } from './writer/users.ts';
import type { User } from './writer/writer.ts';

export interface Administrator {
  user: User;
  /** A first visitor is to find a course, and has none yet: no channel was ever made. */
  lacksCourse: boolean;
}

/** Which of the administrator's tokens came from `ADMIN_TOKEN`: another value there ends it. */
const GIVEN = 'admin_token';

/** Set in a database whose first start found no `ADMIN_TOKEN`: such a one begins with a course. */
const WITH_COURSE = 'with_course';

/**
 * Makes user `admin` when there is none, and lets `adminToken` in for it. Without one, a first start makes a token by
 * chance and hands it to `keep` before anything is written: a token that only its hash is left of lets nobody in.
 * Runs before the writer does.
 */
export function ensureAdmin(
  raw: Database,
  { clock, random }: Pick<ServerDeps, 'clock' | 'random'>,
  adminToken: string | null,
  keep: (token: string) => void,
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
    if (isNew && adminToken === null) {
      const token = Buffer.from(random(32)).toString('base64url');
      keep(token);
      addToken(raw, user, token, now);
      statement(raw, `INSERT INTO meta(key, value) VALUES(?, '')`).run(WITH_COURSE);
    }
    if (adminToken !== null) replaceGiven(raw, user, adminToken, now);
    return { user, lacksCourse: lacksCourse(raw) };
  })();
}

function find(raw: Database): User | undefined {
  const row = statement<[], { pk: number; id: string }>(
    raw,
    `SELECT pk, id FROM user WHERE username = 'admin' AND admin = 1`,
  ).get();
  return row && { ...row, username: 'admin', admin: true };
}

/** A channel that was deleted has left its row: who threw the course away does not get it again. */
function lacksCourse(raw: Database): boolean {
  return (
    statement<[string], { lacks: number }>(
      raw,
      `SELECT EXISTS(SELECT 1 FROM meta WHERE key = ?) AND NOT EXISTS(SELECT 1 FROM channel) AS lacks`,
    ).get(WITH_COURSE)?.lacks === 1
  );
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
