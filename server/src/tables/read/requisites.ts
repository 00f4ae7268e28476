import type { Id } from '@cambium/protocol';
import type { Kysely } from 'kysely';
import type { Schema } from '../../database/schema.ts';

/** All prerequisite pairs of a channel. */
export async function listRequisites(
  db: Kysely<Schema>,
  channel: number,
): Promise<{ target_node: Id; prerequisite: Id }[]> {
  return db
    .selectFrom('prerequisite')
    .select(['target_node', 'prerequisite'])
    .where('channel', '=', channel)
    .orderBy('target_node')
    .orderBy('prerequisite')
    .execute();
}
