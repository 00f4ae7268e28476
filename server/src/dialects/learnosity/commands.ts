import type { Database } from 'better-sqlite3';
import { Refusal } from '@cambium/protocol';
import { statement } from '../../database/statement.ts';

export interface NewConsumer {
  key: string;
  secret: string;
  organisation: number;
  domain: string;
  /** Name of the user whose files and quota it uses. */
  username: string;
  now: string;
}

/** Lets one more consumer sign requests. Refuses with `not_found` when there is no such user. */
export function addConsumer(db: Database, input: NewConsumer): Record<string, never> {
  const { changes } = statement(
    db,
    `INSERT INTO learnosity_consumer(key, secret, organisation, domain, owner, created)
     SELECT @key, @secret, @organisation, @domain, pk, @now FROM user WHERE username = @username AND disabled = 0`,
  ).run(input);
  if (changes === 0) throw new Refusal('not_found', { message: 'There is no such user.', field: 'user' });
  return {};
}

/** Lets a consumer sign nothing more; what it uploaded stays. Refuses with `not_found` when there is none. */
export function removeConsumer(db: Database, { key }: { key: string }): Record<string, never> {
  const { changes } = statement(db, `DELETE FROM learnosity_consumer WHERE key = ?`).run(key);
  if (changes === 0) throw new Refusal('not_found', { message: 'There is no such consumer.', field: 'key' });
  return {};
}

/** The public name names this file from now on; `former` is the file that it named before. */
export function pointAsset(
  db: Database,
  input: { organisation: number; subkey: string; file: string; type: string },
): { former: string | null } {
  const { organisation, subkey } = input;
  const before = statement<[number, string], { file: string }>(
    db,
    `SELECT file FROM learnosity_asset WHERE organisation = ? AND subkey = ?`,
  ).get(organisation, subkey);
  statement(
    db,
    `INSERT INTO learnosity_asset(organisation, subkey, file, type) VALUES(@organisation, @subkey, @file, @type)
     ON CONFLICT(organisation, subkey) DO UPDATE SET file = excluded.file, type = excluded.type`,
  ).run(input);
  return { former: before?.file ?? null };
}
