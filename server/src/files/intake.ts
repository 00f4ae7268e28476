import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { newId, Refusal, type Id } from '@cambium/protocol';
import type { Request, Response } from 'express';
import type { User, Write } from '../writer/writer.ts';
import type { NewFile } from './commands/reserve.ts';
import { assertApplied } from './commit.ts';
import type { FilesDeps } from './deps.ts';
import { PUT_PREFIX, type Disk } from './disk.ts';
import { Hasher } from './hasher.ts';
import type { Derivative } from './media/media.ts';
import { BLANK_NOTES, type Digest } from './notes.ts';
import { receive } from './receive.ts';
import { serve } from './serve.ts';
import { checkFormat } from './sniff.ts';
import type { Stock } from './stock.ts';

/** Seconds that a reservation outlives the moment in which its bytes are kept: they have come already. */
const KEEPING = 60;

/** Bytes that came in one stream: hashed, durable, and lying apart until they are kept or dropped. */
export interface Landed {
  path: string;
  size: number;
  digest: Digest;
}

export interface Landing {
  /** Bytes; one more is refused with `refusal`. */
  most: number;
  refusal: () => Error;
  /** Gets the same bytes. */
  check?: { update(chunk: Uint8Array): void };
}

/** What the bytes are to be called. */
export type Name = Pick<NewFile, 'original_filename' | 'mime_type' | 'file_format'>;

/** The file service for APIs with words of their own: each of them checks and answers, none stores anything itself. */
export interface Intake {
  /** Reads a stream to its end. A stream that breaks off, or has too much, leaves nothing and throws. */
  land(source: AsyncIterable<Uint8Array>, landing: Landing): Promise<Landed>;
  /** The bytes become a new file of the user. Refuses with `quota_exceeded`. */
  keep(user: Pick<User, 'pk'>, landed: Landed, name: Name): Promise<Id>;
  /** Throws the bytes away; nothing happens when they were kept. */
  drop(landed: Landed): Promise<void>;
  /** Deletes a file, in the log of its channel too. Refusals: `not_found`, `forbidden`. */
  remove(user: User, file: { id: Id; channel: Id | null }, authority?: 'user' | 'system'): Promise<void>;
  /** Answers GET and HEAD with stored bytes, ranges and conditions included. */
  serve(req: Request, res: Response, file: ServedFile): void;
  /** The same with a smaller picture. */
  serveDerivative(
    req: Request,
    res: Response,
    derivative: Derivative,
    file: Omit<ServedFile, 'sha256' | 'mimeType'>,
  ): void;
  /** Where stored bytes lie. */
  path(sha256: string): string;
}

export interface ServedFile {
  sha256: string;
  mimeType: string;
  name: string;
  cacheControl: string;
  /** Answers in place of the bytes when they cannot be read. */
  fail: (error: unknown, res: Response) => void;
}

export function openIntake(deps: FilesDeps, disk: Disk, stock: Stock): Intake {
  const { clock, random, command, commit, settings } = deps;

  return {
    async land(source, { most, refusal, check }) {
      const path = disk.incoming(PUT_PREFIX + randomUUID());
      const file = await open(path, 'wx');
      try {
        const hasher = new Hasher();
        const came = await receive(bounded(source, most, refusal), {
          file,
          offset: 0,
          hasher,
          clock,
          check: check ?? null,
        });
        if (came.broken !== null) throw came.broken;
        await file.sync();
        return { path, size: came.offset, digest: hasher.digest() };
      } catch (error) {
        await disk.remove(path);
        throw error;
      } finally {
        await file.close();
      }
    },

    async keep(user, { path, size, digest }, name) {
      const now = clock.now();
      const id = newId(now, random);
      const { md5: checksum, sha256 } = digest;
      const file_format = (await isPlausible(path, name.file_format)) ? name.file_format : '';
      await command('file.reserve', {
        user: user.pk,
        file: {
          id,
          checksum,
          sha256,
          file_size: size,
          preset: null,
          language: null,
          duration: null,
          ...name,
          file_format,
        },
        upload: {
          id,
          state: 'reserved',
          length: size,
          notes: { ...BLANK_NOTES, checksum, sha256 },
          expires: new Date(now + Math.min(KEEPING, settings.uploadExpiry) * 1000).toISOString(),
        },
        now: new Date(now).toISOString(),
      });
      await stock.store({ file: id, upload: null, path, size, digest });
      return id;
    },

    drop: ({ path }) => disk.remove(path),

    async remove(user, { id, channel }, authority = user.admin ? 'system' : 'user') {
      const where = channel === null ? {} : { channel_id: channel };
      const write = { type: 'DELETED', table: 'file', key: id, ...where } as Write;
      assertApplied(await commit({ user, authority, writes: [write] }));
    },

    serve(req, res, { sha256, mimeType, name, cacheControl, fail }) {
      serve(req, res, { root: disk.root, path: disk.blobName(sha256), sha256, mimeType, name, cacheControl }, fail);
    },

    serveDerivative(req, res, { root, path, mimeType }, { name, cacheControl, fail }) {
      serve(req, res, { root, path, sha256: null, mimeType, name, cacheControl }, fail);
    },

    path: (sha256) => disk.blob(sha256),
  };
}

/** A format that the bytes contradict is not claimed; under which type they are served is the dialect's affair. */
async function isPlausible(path: string, format: string): Promise<boolean> {
  try {
    await checkFormat(path, format);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.error.code === 'unsupported_type') return false;
    throw error;
  }
}

async function* bounded(
  source: AsyncIterable<Uint8Array>,
  most: number,
  refusal: () => Error,
): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of source) {
    seen += chunk.byteLength;
    if (seen > most) throw refusal();
    yield chunk;
  }
}

/** The refusal of a file that is larger than any may be. */
export function tooLarge(limit: number): Refusal {
  return new Refusal('too_large', { details: { limit } });
}
