import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';

/** Stored files with everything that the dialects show of them. */
export function selectStored(db: Kysely<Schema>) {
  return db
    .selectFrom('file as f')
    .innerJoin('file_facts as n', 'n.file', 'f.id')
    .innerJoin('user as u', 'u.pk', 'f.uploaded_by')
    .leftJoin('channel as c', 'c.pk', 'f.channel')
    .leftJoin('content_facts as k', 'k.sha256', 'f.sha256')
    .leftJoin('media as m', 'm.sha256', 'f.sha256')
    .where('f.uploaded', '=', 1)
    .where('f.sha256', 'is not', null)
    .select([
      'f.id',
      'f.checksum',
      'f.file_size',
      'f.mime_type',
      'f.original_filename',
      'f.modified',
      'f.uploaded_by',
      'n.number',
      'n.added',
      'n.alt_text',
      'n.shown_name',
      'n.item',
      'n.ord',
      'n.edited',
      'c.id as channel_id',
      'u.id as owner_id',
      'k.xxh3',
      'k.mime',
      'k.type_os',
      'k.metadata',
      'm.kind',
      'm.thumbhash',
    ])
    .select((eb) => eb.ref('f.sha256').$notNull().as('sha256'));
}

export type Stored = Awaited<ReturnType<ReturnType<typeof selectStored>['executeTakeFirstOrThrow']>>;
