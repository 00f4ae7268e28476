import type { Request } from 'express';
import type { User } from '../../writer/writer.ts';
import { BodyTooLarge, parseJson, readText } from '../body.ts';
import type { DialectDeps } from '../deps.ts';
import { selectStored, type Stored } from '../stored.ts';
import { Detail, notFound, type Invalid } from './errors.ts';
import { readUuid } from './item.ts';

const MAX_BODY = 65_536;
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
      const fields = readFields(await readBody(req));
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

async function readBody(req: Request): Promise<unknown> {
  try {
    return parseJson(await readText(req, MAX_BODY));
  } catch (error) {
    if (error instanceof BodyTooLarge) throw new Detail(413, 'Request Entity Too Large');
    throw error;
  }
}

function readFields(body: unknown): { alt_text: string | null; shown_name: string | null } {
  if (body === undefined) {
    const msg = 'JSON decode error';
    throw new Detail(422, [
      { type: 'json_invalid', loc: ['body', 0], msg, input: {}, ctx: { error: 'Expecting value' } },
    ]);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const msg = 'Input should be a valid dictionary or object to extract fields from';
    throw new Detail(422, [
      body === null
        ? { type: 'missing', loc: ['body'], msg: 'Field required', input: null }
        : { type: 'model_attributes_type', loc: ['body'], msg, input: body },
    ]);
  }
  const invalid: Invalid[] = [];
  const read = (field: string): string | null => {
    const value: unknown = Object.hasOwn(body, field) ? (body as Record<string, unknown>)[field] : null;
    if (value === null || value === '') return null;
    const loc = ['body', field];
    if (typeof value !== 'string' || /[\0\p{Surrogate}]/u.test(value)) {
      invalid.push({ type: 'string_type', loc, msg: 'Input should be a valid string', input: value });
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
