import { Refusal, type Id, type Role } from '@cambium/protocol';
import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import type { Schema } from '../../database/schema.ts';
import type { User } from '../../writer/writer.ts';

const RANK: Record<Role, number> = { viewer: 1, editor: 2, owner: 3 };

/** A channel as its reader may see it. */
export interface Access {
  pk: number;
  id: Id;
  role: Role;
  /** The rev of its log up to which a read made now is complete. */
  head: number;
}

/** What the user may do in the channel; null where nothing, or where there is none: the two are told apart by nobody. */
export async function accessTo(db: Kysely<Schema>, user: User, channel: Id): Promise<Access | null> {
  const row = await db
    .selectFrom('channel')
    .leftJoin('member', (join) => join.onRef('member.channel', '=', 'channel.pk').on('member.user', '=', user.pk))
    .select(['channel.pk', 'channel.id', 'channel.head', 'member.role'])
    .where('channel.id', '=', channel)
    .where('channel.deleted', '=', 0)
    .executeTakeFirst();
  const role = user.admin ? 'owner' : (row?.role as Role | null | undefined);
  return row && role ? { pk: row.pk, id: row.id, head: row.head, role } : null;
}

/** The same; throws `not_found` for who may not view the channel, `forbidden` for who may not do what `least` may. */
export async function requireAccess(db: Kysely<Schema>, user: User, channel: Id, least: Role): Promise<Access> {
  const access = await accessTo(db, user, channel);
  if (!access) throw new Refusal('not_found');
  if (RANK[access.role] < RANK[least]) throw new Refusal('forbidden');
  return access;
}

/** The channel of a node, for what the user wants to do with it; refusals as above. */
export async function requireNodeAccess(db: Kysely<Schema>, user: User, node: Id, least: Role): Promise<Access> {
  const row = await db
    .selectFrom('node')
    .innerJoin('channel', 'channel.pk', 'node.channel')
    .select('channel.id')
    .where('node.id', '=', node)
    .executeTakeFirst();
  if (!row) throw new Refusal('not_found');
  return requireAccess(db, user, row.id, least);
}

/** Is the channel (a `channel.pk`, as SQL) one that the user may view? */
export function isViewable(user: User, channel: RawBuilder<number>): RawBuilder<SqlBool> {
  if (user.admin) return sql<SqlBool>`TRUE`;
  return sql<SqlBool>`${channel} IN (SELECT m.channel FROM member m WHERE m.user = ${user.pk})`;
}
