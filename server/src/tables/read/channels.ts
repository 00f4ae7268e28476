import { Refusal, type Id, type JsonObject, type Role } from '@cambium/protocol';
import { sql, type Kysely } from 'kysely';
import { channelRow } from '../../database/record.ts';
import type { Schema } from '../../database/schema.ts';
import type { User } from '../../writer/writer.ts';
import { isViewable } from './access.ts';

/** The channels that a user may view, as rows with the user's `role` and the log's head `server_rev`. */
function views(db: Kysely<Schema>, user: User) {
  return db
    .selectFrom('channel as c')
    .leftJoin('member as own', (join) => join.onRef('own.channel', '=', 'c.pk').on('own.user', '=', user.pk))
    .select(['c.id', 'c.name', 'c.fields', 'c.head', 'own.role'])
    .where('c.deleted', '=', 0)
    .where(isViewable(user, sql<number>`c.pk`));
}

function toRest(
  user: User,
  view: { id: Id; name: string; fields: string; head: number; role: string | null },
): JsonObject {
  const role = user.admin ? 'owner' : (view.role as Role | null);
  return { ...channelRow(view), role, server_rev: view.head };
}

/** Channels after an id, by id. */
export async function listChannels(
  db: Kysely<Schema>,
  user: User,
  page: { after: Id | null; limit: number },
): Promise<{ results: JsonObject[]; more: boolean }> {
  const found = await views(db, user)
    .where('c.id', '>', page.after ?? '')
    .orderBy('c.id')
    .limit(page.limit + 1)
    .execute();
  return { results: found.slice(0, page.limit).map((view) => toRest(user, view)), more: found.length > page.limit };
}

/** Throws `not_found` for who may not view it. */
export async function readChannel(db: Kysely<Schema>, user: User, id: Id): Promise<JsonObject> {
  const found = await views(db, user).where('c.id', '=', id).executeTakeFirst();
  if (!found) throw new Refusal('not_found');
  return toRest(user, found);
}

export interface MemberView {
  user_id: Id;
  username: string;
  role: Role;
}

export async function listMembers(db: Kysely<Schema>, channel: number): Promise<MemberView[]> {
  const rows = await db
    .selectFrom('member')
    .innerJoin('user', 'user.pk', 'member.user')
    .select(['user.id as user_id', 'user.username', 'member.role'])
    .where('member.channel', '=', channel)
    .orderBy('user.username')
    .execute();
  return rows.map((row) => ({ ...row, role: row.role as Role }));
}
