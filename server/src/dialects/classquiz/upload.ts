import { extname } from 'node:path';
import type { Request } from 'express';
import { isFormat, mimeTypeOf, FORMATS, type Id } from '@cambium/protocol';
import { watchIdle } from '../../files/index.ts';
import type { User } from '../../writer/writer.ts';
import type { DialectDeps } from '../deps.ts';
import { BrokenForm, readForm } from '../multipart.ts';
import { roomOf } from '../room.ts';
import { xxh3 } from '../xxh3.ts';
import { Detail, noFile, unsupported } from './errors.ts';

/** Compared as sent: what ClassQuiz stores is what it serves. */
const TYPES = new Set(['image/png', 'video/mp4', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml']);

const MAX_NAME = 255;

export function uploads(deps: DialectDeps) {
  const { intake, command, timers } = deps;

  /** Stores the stream as a file of the user. */
  async function store(user: User, mimeType: string, filename: string, source: AsyncIterable<Uint8Array>): Promise<Id> {
    const hasher = await xxh3();
    const landed = await intake.land(source, { ...(await roomOf(deps, user)), check: hasher });
    try {
      const name = {
        original_filename: filename.slice(-MAX_NAME),
        mime_type: mimeType,
        file_format: formatOf(filename, mimeType),
      };
      const id = await intake.keep(user, landed, name);
      await command('facts.content', { sha256: landed.digest.sha256, xxh3: hasher.digest() });
      return id;
    } finally {
      await intake.drop(landed);
    }
  }

  return {
    /** The part `file` of a form. */
    async form(req: Request, user: User): Promise<Id> {
      watchIdle(req, timers);
      let stored: Id | null = null;
      try {
        await readForm(req, {
          async file({ name, filename, type, bytes }) {
            if (name !== 'file' || filename === null || stored !== null) return;
            if (type === null || !TYPES.has(type)) throw unsupported();
            stored = await store(user, type, filename, bytes);
          },
        });
      } catch (error) {
        if (error instanceof BrokenForm)
          throw stored === null ? noFile() : new Detail(400, 'There was an error parsing the body');
        throw error;
      }
      if (stored === null) throw noFile();
      return stored;
    },

    /** The body itself. */
    async raw(req: Request, user: User): Promise<Id> {
      const type = req.headers['content-type'];
      if (type === undefined || !TYPES.has(type)) throw unsupported();
      watchIdle(req, timers);
      return await store(user, type, '', req.iterator({ destroyOnReturn: false }));
    },
  };
}

function formatOf(filename: string, mimeType: string): string {
  const extension = extname(filename).slice(1).toLowerCase();
  if (isFormat(extension) && mimeTypeOf(extension) === mimeType) return extension;
  return Object.keys(FORMATS).find((format) => mimeTypeOf(format) === mimeType) ?? '';
}
