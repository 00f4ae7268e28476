import { sql, type RawBuilder } from 'kysely';
import type { Database } from 'better-sqlite3';
import type { Id } from '@cambium/protocol';
import { statement } from '../../database/statement.ts';
import type { User } from '../../writer/writer.ts';

/**
 * The present name of the channel that a node was first copied from, its own channel's for one that never was. Null for
 * who is no member there: people rename what they share with others only. Who was one when that channel was deleted
 * still gets its last name. As SQL over `nodeViews`.
 */
export function originName(viewer: User): RawBuilder<string | null> {
  const member = sql`EXISTS (SELECT 1 FROM member m WHERE m.channel = o.pk AND m.user = ${viewer.pk})`;
  // Most nodes were never copied: their JSON is not read for it.
  return sql<string | null>`CASE
    WHEN instr(n.fields, '"original_channel_id"') = 0 THEN c.name
    WHEN json_extract(n.fields, '$.original_channel_id') IS NULL THEN c.name
    ELSE (SELECT o.name FROM channel o WHERE o.id = json_extract(n.fields, '$.original_channel_id')
      AND ${viewer.admin ? sql`TRUE` : member}) END`;
}

const NAME = `SELECT o.name FROM channel o WHERE o.id = :origin AND
  (:admin OR EXISTS (SELECT 1 FROM member m WHERE m.channel = o.pk AND m.user = :user))`;

/** The same of one channel, for nodes that no record is left of. */
export function nameOfOrigin(db: Database, viewer: User, origin: Id): string | null {
  const asked = { origin, admin: viewer.admin ? 1 : 0, user: viewer.pk };
  return statement<[object], { name: string }>(db, NAME).get(asked)?.name ?? null;
}
