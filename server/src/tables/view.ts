import { sql, type Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { User } from '../writer/writer.ts';
import { originName } from './read/origin.ts';

/**
 * Nodes as the viewer is shown them, with what their REST form needs (`nodeToRest`), as `n`, with the channel as `c`
 * and the parent as `p`. The caller adds its own conditions, order and limit.
 */
export function nodeViews(db: Kysely<Schema>, viewer: User) {
  return db
    .selectFrom('node as n')
    .innerJoin('channel as c', 'c.pk', 'n.channel')
    .leftJoin('node as p', 'p.pk', 'n.parent')
    .selectAll('n')
    .select(['p.id as parent_id', 'c.id as channel_id'])
    .select([
      originName(viewer).as('original_channel_name'),
      sql<string | null>`(SELECT f.url FROM file f WHERE f.contentnode = n.id AND f.uploaded = 1
        AND substr(f.preset, -10) = '_thumbnail' ORDER BY f.id LIMIT 1)`.as('thumbnail_url'),
    ]);
}

/** Files with the outer ids of channel and uploader (`fileToRest`), as `f`. */
export function fileViews(db: Kysely<Schema>) {
  return db
    .selectFrom('file as f')
    .innerJoin('user as u', 'u.pk', 'f.uploaded_by')
    .leftJoin('channel as c', 'c.pk', 'f.channel')
    .selectAll('f')
    .select(['c.id as channel_id', 'u.id as uploader']);
}

/** Assessment items with the outer id of their channel (`itemToRest`), as `i`. */
export function itemViews(db: Kysely<Schema>) {
  return db
    .selectFrom('assessmentitem as i')
    .innerJoin('channel as c', 'c.pk', 'i.channel')
    .selectAll('i')
    .select('c.id as channel_id');
}

/** Prerequisite pairs as the protocol has them, as `r`. */
export function prerequisiteViews(db: Kysely<Schema>) {
  return db
    .selectFrom('prerequisite as r')
    .innerJoin('channel as c', 'c.pk', 'r.channel')
    .select(['r.target_node', 'r.prerequisite', 'c.id as channel_id']);
}
