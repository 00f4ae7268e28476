import { extname } from 'node:path';
import type { Request } from 'express';
import { isFormat, mimeTypeOf, FORMATS, type Id } from '@cambium/protocol';
import { watchIdle, type Landed } from '../../files/index.ts';
import type { User } from '../../writer/writer.ts';
import type { DialectDeps } from '../deps.ts';
import { BrokenForm, readForm } from '../multipart.ts';
import { roomOf } from '../room.ts';
import { xxh3 } from '../xxh3.ts';
import { Detail, noFile, unsupported } from './errors.ts';

const MAX_NAME = 255;

/** Bytes that lie ready to be kept, and their XXH3-128. */
interface Hashed {
  landed: Landed;
  hash: string;
}

export function uploads(deps: DialectDeps) {
  const { intake, command, timers } = deps;
  // Compared as sent: what ClassQuiz stores is what it serves.
  const types = new Set(deps.classquizTypes);

  async function land(user: User, source: AsyncIterable<Uint8Array>): Promise<Hashed> {
    const hasher = await xxh3();
    const landed = await intake.land(source, { ...(await roomOf(deps, user)), check: hasher });
    return { landed, hash: hasher.digest() };
  }

  /** Makes a file of the user of what came. */
  async function keep(user: User, { landed, hash }: Hashed, mimeType: string, filename: string): Promise<Id> {
    const id = await intake.keep(user, landed, {
      original_filename: filename.slice(-MAX_NAME),
      mime_type: mimeType,
      file_format: formatOf(filename, mimeType),
    });
    await command('facts.content', { sha256: landed.digest.sha256, xxh3: hash });
    return id;
  }

  return {
    /** The first part `file` of a form. It is kept when the form has come to its end, and not before. */
    async form(req: Request, user: User): Promise<Id> {
      watchIdle(req, timers);
      const form: { type: string | null; filename: string; came: Hashed | null } = {
        type: null,
        filename: '',
        came: null,
      };
      try {
        await readForm(req, {
          async file({ name, filename, type, bytes }) {
            // A form in which no file was chosen has a part without a name.
            if (name !== 'file' || !filename || form.type !== null) return;
            if (type === null || !types.has(type)) throw unsupported();
            Object.assign(form, { type, filename });
            form.came = await land(user, bytes);
          },
        });
        if (form.came === null || form.type === null) throw noFile();
        return await keep(user, form.came, form.type, form.filename);
      } catch (error) {
        if (!(error instanceof BrokenForm)) throw error;
        throw form.came === null ? noFile() : new Detail(400, 'There was an error parsing the body');
      } finally {
        if (form.came !== null) await intake.drop(form.came.landed);
      }
    },

    /** The body itself. */
    async raw(req: Request, user: User): Promise<Id> {
      const type = req.headers['content-type'];
      if (type === undefined || !types.has(type)) throw unsupported();
      watchIdle(req, timers);
      const came = await land(user, req.iterator({ destroyOnReturn: false }));
      try {
        return await keep(user, came, type, '');
      } finally {
        await intake.drop(came.landed);
      }
    },
  };
}

function formatOf(filename: string, mimeType: string): string {
  const extension = extname(filename).slice(1).toLowerCase();
  if (isFormat(extension) && mimeTypeOf(extension) === mimeType) return extension;
  return Object.keys(FORMATS).find((format) => mimeTypeOf(format) === mimeType) ?? '';
}
