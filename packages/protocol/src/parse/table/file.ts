import * as z from 'zod';
import { LIMITS } from '../../limit.ts';
import type { FileRow } from '../../row.ts';
import { fileProblems } from '../../rule/file.ts';
import { mimeTypeOf } from '../../vocabulary/format.ts';
import { isPresetName } from '../../vocabulary/preset.ts';
import { closed, initial, open, type FieldsOf } from '../field.ts';
import * as v from '../value.ts';
import { fieldMap, type TableDefinition } from './definition.ts';

const checksum = v.text.regex(/^[0-9a-f]{32}$/, { error: 'A checksum is an MD5 of 32 lower-case hex digits.' });
const sha256 = v.text.regex(/^[0-9a-f]{64}$/, { error: 'It must be a SHA-256 of 64 lower-case hex digits.' });
const size = v.whole(0, 'It must be a whole number of bytes.');
const format = v.text.regex(/^[a-z0-9_+-]{1,16}$/, {
  error: 'A format is a lower-case file extension of up to 16 characters.',
});
const preset = v.text.refine(isPresetName, { error: 'There is no such preset.' });
const name = v.textUpTo(255).refine((value) => value !== '', { error: 'A file needs a name.' });
const duration = z
  .number({ error: 'It must be a number of seconds.' })
  .transform(Math.floor)
  .refine((seconds) => seconds >= 1 && Number.isSafeInteger(seconds), { error: 'A duration must be greater than 0.' });

const fields: FieldsOf<FileRow> = {
  id: closed(v.id),
  channel_id: closed(v.orNull(v.id)),
  contentnode: open(v.orNull(v.id)),
  assessment_item: open(v.orNull(v.id)),
  checksum: initial(checksum),
  sha256: initial(v.orNull(sha256)),
  file_size: initial(v.orNull(size)),
  file_format: initial(format),
  preset: open(v.orNull(preset)),
  language: open(v.orNull(v.language)),
  original_filename: initial(name),
  duration: open(v.orNull(duration)),
  uploaded_by: closed(v.id),
  uploaded: closed(v.flag),
  mime_type: initial(v.text),
  url: closed(v.orNull(v.text)),
  modified: closed(v.timestamp),
};
const user = { ...fields, file_on_disk: closed(v.text) };

export const fileTable: TableDefinition = {
  types: ['CREATED', 'UPDATED', 'DELETED'],
  key: 'id',
  mayLackChannel: true,
  fields: {
    user: fieldMap(user),
    // Uploads may start with nothing declared, and the bytes tell the rest when they are there.
    system: fieldMap({
      ...user,
      channel_id: open(v.orNull(v.id)),
      checksum: open(z.union([z.literal(''), checksum])),
      sha256: open(v.orNull(sha256)),
      file_size: open(v.orNull(size)),
      file_format: open(v.text),
      original_filename: open(v.text),
      uploaded_by: open(v.id),
      uploaded: open(v.flag),
      mime_type: open(v.text),
      url: open(v.orNull(v.text)),
    }),
  },
  required: { user: ['file_size', 'checksum', 'original_filename', 'file_format', 'preset'], system: [] },
  renamed: { size: 'file_size', name: 'original_filename' },
  finish(obj, { authority }, problems) {
    obj.checksum ??= '';
    obj.file_size ??= null;
    obj.original_filename ??= '';
    const file_format = (obj.file_format ??= '') as string;
    // An author's word for it could make a browser run what was declared as an image.
    if (authority === 'user' || !obj.mime_type) obj.mime_type = mimeTypeOf(file_format);
    if ((obj.file_size as number) > LIMITS.file) problems.add('too_large', 'size');
    if (problems.any) return;
    const declared = {
      file_format,
      preset: (obj.preset ?? null) as string | null,
      duration: (obj.duration ?? null) as number | null,
    };
    problems.errors.push(...fileProblems(declared));
  },
};
