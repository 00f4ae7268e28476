import type { Id } from '@cambium/protocol';
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../../database/schema.ts';

/** Bytes of the distinct files of a channel's whole tree, those on assessment items included. */
export async function channelSize(db: Kysely<Schema>, channel: number): Promise<number> {
  const { rows } = await sql<{ bytes: number | null }>`SELECT sum(size) AS bytes FROM (
    SELECT max(file_size) AS size FROM file WHERE channel = ${channel} AND uploaded = 1 GROUP BY sha256)`.execute(db);
  return rows[0]?.bytes ?? 0;
}

/** How many nodes of a channel are complete, and how many are not; its root included. */
export async function completeness(db: Kysely<Schema>, root: Id): Promise<{ complete: number; incomplete: number }> {
  const row = await db
    .selectFrom('node')
    .select(['complete', 'total_count', 'error_count'])
    .where('id', '=', root)
    .executeTakeFirstOrThrow();
  const incomplete = row.error_count + 1 - row.complete;
  return { complete: row.total_count + 1 - incomplete, incomplete };
}
