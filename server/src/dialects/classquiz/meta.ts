import type { Request } from 'express';
import type { User } from '../../writer/writer.ts';
import type { DialectDeps } from '../deps.ts';
import { selectStored, type Stored } from '../stored.ts';
import { noString, readObject } from './body.ts';
import { Detail, notFound, type Invalid } from './errors.ts';
import { readUuid } from './item.ts';

/** Bytes of UTF-8. The text travels in a header, whose readers seldom take more than 8 KiB. */
const MAX_TEXT = 4_096;

/** What the owner of a file does with it. */
export function metaRoutes({ readDb, command, intake }: DialectDeps) {
  async function own(req: Request, user: User): Promise<Stored> {
    const text = String(req.params['id']);
    const id = readUuid(text);
    if (id === null) {
      const error = 'invalid character or length';
      const msg = `Input should be a valid UUID, ${error}`;
      throw new Detail(422, [{ type: 'uuid_parsing', loc: ['path', 'file_id'], msg, input: text, ctx: { error } }]);
    }
    const file = await selectStored(readDb)
      .where('f.id', '=', id)
      .where('f.uploaded_by', '=', user.pk)
      .executeTakeFirst();
    if (!file) throw notFound();
    return file;
  }

  return {
    own,

    /** Both fields are replaced: what is left out is cleared. */
    async update(req: Request, user: User): Promise<Stored> {
      const fields = readFields(await readObject(req));
      const { id } = await own(req, user);
      await command('facts.describe', { file: id, ...fields });
      return await own(req, user);
    },

    async remove(req: Request, user: User): Promise<void> {
      const { id, channel_id: channel } = await own(req, user);
      await intake.remove(user, { id, channel });
    },
  };
}

function readFields(body: Record<string, unknown>): { alt_text: string | null; shown_name: string | null } {
  const invalid: Invalid[] = [];
  const read = (field: string): string | null => {
    const value: unknown = Object.hasOwn(body, field) ? body[field] : null;
    if (value === null || value === '') return null;
    const loc = ['body', field];
    if (typeof value !== 'string' || /[\0\p{Surrogate}]/u.test(value)) {
      invalid.push(noString(loc, value));
    } else if (Buffer.byteLength(value) > MAX_TEXT) {
      const msg = `String should have at most ${MAX_TEXT} bytes`;
      invalid.push({ type: 'string_too_long', loc, msg, input: value.slice(0, 100), ctx: { max_length: MAX_TEXT } });
    } else return value;
    return null;
  };
  const fields = { alt_text: read('alt_text'), shown_name: read('filename') };
  if (invalid.length > 0) throw new Detail(422, invalid);
  return fields;
}
