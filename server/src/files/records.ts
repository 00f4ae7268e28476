import type { FileRow, Id } from '@cambium/protocol';
import type { Kysely, Selectable } from 'kysely';
import { fileRow } from '../database/record.ts';
import type { Schema } from '../database/schema.ts';
import type { User } from '../writer/writer.ts';

export type UploadRecord = Selectable<Schema['upload']>;

/** Files with the outer ids of channel and uploader. */
export function selectFiles(db: Kysely<Schema>) {
  return db
    .selectFrom('file as f')
    .innerJoin('user as u', 'u.pk', 'f.uploaded_by')
    .leftJoin('channel as c', 'c.pk', 'f.channel')
    .selectAll('f')
    .select(['c.id as channel_id', 'u.id as uploader']);
}

/** What the user may see: files of channels where they are a member, and their own that hang nowhere. */
export function selectVisibleFiles(db: Kysely<Schema>, user: User) {
  const files = selectFiles(db);
  if (user.admin) return files;
  return files.where((eb) =>
    eb.or([
      eb.and([eb('f.channel', 'is', null), eb('f.uploaded_by', '=', user.pk)]),
      eb.and([
        eb('c.deleted', '=', 0),
        eb.exists(
          eb
            .selectFrom('member as m')
            .select('m.user')
            .whereRef('m.channel', '=', 'f.channel')
            .where('m.user', '=', user.pk),
        ),
      ]),
    ]),
  );
}

type FileView = Awaited<ReturnType<ReturnType<typeof selectFiles>['executeTakeFirstOrThrow']>>;

/** The row as it travels, its URL made absolute. */
export function fileJson(view: FileView, base: string): FileRow {
  const { channel_id, uploader, ...record } = view;
  const row = fileRow(record, channel_id, uploader);
  return { ...row, url: row.url === null ? null : base + row.url };
}

export async function findUpload(db: Kysely<Schema>, id: Id): Promise<UploadRecord | undefined> {
  return await db.selectFrom('upload').selectAll().where('id', '=', id).executeTakeFirst();
}
