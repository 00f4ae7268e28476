import { open } from 'node:fs/promises';
import { FileStore } from '@tus/file-store';
import { Upload } from '@tus/server';
import { Refusal, type Id } from '@cambium/protocol';
import { fileFromMetadata } from '../announced.ts';
import type { FilesDeps } from '../deps.ts';
import type { Disk } from '../disk.ts';
import { Hasher, LARGE, newHasher, type Hashers, type Hashing } from '../hasher.ts';
import { BLANK_NOTES, isAsAnnounced, readNotes, type UploadNotes } from '../notes.ts';
import { MAX_PACK, PACK_TYPE } from '../pack/format.ts';
import { receive } from '../receive.ts';
import { findUpload, type UploadRecord } from '../records.ts';
import type { Stock } from '../stock.ts';
import { currentCall } from './call.ts';
import { mismatch, TusError } from './error.ts';
import { tellRefused, tellStored } from './outcome.ts';

export interface StoreDeps {
  files: FilesDeps;
  disk: Disk;
  hashers: Hashers;
  stock: Stock;
}

/**
 * Uploads whose state is a row of the database and whose bytes are acknowledged only when they are durable. FileStore
 * has neither: its info file is lost by a crash, it never calls fsync, and its sweep deletes finished uploads.
 */
export class UploadStore extends FileStore {
  readonly #files: FilesDeps;
  readonly #disk: Disk;
  readonly #hashers: Hashers;
  readonly #stock: Stock;

  constructor({ files, disk, hashers, stock }: StoreDeps) {
    super({ directory: disk.incoming('') });
    this.#files = files;
    this.#disk = disk;
    this.#hashers = hashers;
    this.#stock = stock;
    // `expiration` is kept from the library: it knows neither our clock nor that stored bytes renew the period.
    this.extensions = ['creation', 'creation-with-upload', 'creation-defer-length', 'termination'];
  }

  override async create(upload: Upload): Promise<Upload> {
    const { user, metadata, concat } = currentCall();
    const length = upload.size ?? null;
    const values = metadata?.values ?? new Map<string, null>();
    const pack = concat === null && values.get('filetype') === PACK_TYPE;
    if (pack) checkPack(length);
    const file = pack || concat === 'partial' ? null : fileFromMetadata(values, upload.id, length);
    const notes: UploadNotes = {
      ...BLANK_NOTES,
      raw: metadata?.raw ?? null,
      concat,
      pack,
      checksum: file?.checksum || null,
      sha256: file?.sha256 ?? null,
    };
    const expires = this.#expiry();
    const path = this.#disk.incoming(upload.id);
    // The bytes' place comes first: a row always has one, and a place without a row is swept away.
    await this.#make(upload.id);
    try {
      await this.#files.command('file.reserve', {
        user: user.pk,
        file,
        upload: { id: upload.id, state: 'receiving', length, notes, expires },
        now: this.#now(),
      });
    } catch (error) {
      await this.#disk.remove(path);
      throw error;
    }
    this.#tellExpiry(expires);
    if (length === 0 && file) await this.#finishEmpty(upload.id);
    return upload;
  }

  override async getUpload(id: string): Promise<Upload> {
    const row = await this.#find(id);
    return new Upload({ id, offset: row.offset, ...(row.length === null ? undefined : { size: row.length }) });
  }

  override async declareUploadLength(id: string, length: number): Promise<void> {
    await this.#files.command('upload.length', { id, length, now: this.#now() });
  }

  override async write(source: AsyncIterable<Uint8Array>, id: string, offset: number): Promise<number> {
    const row = await this.#find(id);
    if (row.state !== 'receiving' || isCompletePart(row)) return row.offset;
    const notes = readNotes(row.metadata);
    // What has no one file is hashed when it is whole.
    const isApart = row.file === '';
    const { checksum, req } = currentCall();
    const path = this.#disk.incoming(id);
    const file = await open(path, 'r+');
    let unkept: Hashing | null = null;
    try {
      const hasher = isApart
        ? null
        : await this.#hashers.take(id, offset, path, () => newHasher(row.length, notes.checksum));
      unkept = hasher;
      // The last byte counts when everything is verified, and not before: a HEAD would show the upload as done.
      const checkpoint = checksum
        ? undefined
        : async (durable: number) => {
            if (durable !== row.length) await this.#advance(id, durable);
          };
      const clock = this.#files.clock;
      const came = await receive(source, {
        file,
        // A pack is read again at once.
        large: notes.pack || (row.length ?? 0) - offset < LARGE ? null : path,
        offset,
        hasher,
        check: checksum,
        clock,
        ...(checkpoint && { checkpoint }),
      });
      if (checksum && !checksum.isRight(req.trailers['upload-checksum'])) {
        await file.truncate(offset);
        throw mismatch('The bytes of this request do not match its Upload-Checksum; they were discarded.');
      }
      if (row.length === null || came.offset < row.length || isPart(row)) await this.#advance(id, came.offset);
      else if (isApart) await this.#finishPack(row);
      else if (hasher) await this.#finish(row, hasher);
      unkept = null;
      if (hasher && came.offset < (row.length ?? Infinity)) this.#hashers.keep(id, hasher);
      if (came.broken !== null) throw came.broken;
      return came.offset;
    } finally {
      unkept?.drop();
      await file.close();
    }
  }

  override async remove(id: string): Promise<void> {
    const { removed } = await this.#files.command('upload.remove', { id });
    if (!removed) throw new TusError(404, 'not_found', 'There is no such upload.');
    this.#hashers.drop(id);
    await this.#stock.discard(this.#disk.incoming(id));
  }

  /** Every byte is there and durable: are they the announced ones? */
  async #finish(row: UploadRecord, hasher: Hashing): Promise<void> {
    const size = hasher.position;
    const digest = await hasher.digest();
    const path = this.#disk.incoming(row.id);
    if (!isAsAnnounced(digest, readNotes(row.metadata))) {
      await this.#takeBack(row, path);
      throw mismatch('The bytes do not match the announced checksum; the upload is back at its start.');
    }
    try {
      await this.#stock.store({ file: row.file, upload: row.id, path, size, digest });
    } catch (error) {
      if (isWrongType(error)) await this.#takeBack(row, path);
      throw error;
    }
    const { res } = currentCall();
    res.removeHeader('Upload-Expires');
    tellStored(res, digest.sha256);
  }

  /** Every byte of many files is there: each of them is answered for. */
  async #finishPack(row: UploadRecord): Promise<void> {
    const path = this.#disk.incoming(row.id);
    try {
      const refused = await this.#stock.storePack(row.id, row.user, path);
      tellRefused(currentCall().res, refused.length);
    } catch (error) {
      if (error instanceof Refusal && error.error.code === 'invalid_value') await this.#takeBack(row, path);
      throw error;
    }
    currentCall().res.removeHeader('Upload-Expires');
  }

  /** An id of the sender's own may be taken. */
  async #make(id: Id): Promise<void> {
    try {
      if (await findUpload(this.#files.readDb, id)) throw new Refusal('already_exists', { field: 'id' });
      await this.#disk.create(id);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new Refusal('already_exists', { field: 'id' });
      throw error;
    }
  }

  async #finishEmpty(id: Id): Promise<void> {
    await this.#finish(
      await this.#find(id),
      await this.#hashers.take(id, 0, this.#disk.incoming(id), () => new Hasher()),
    );
  }

  /** Wrong bytes leave nothing: a HEAD must not make anybody believe that the upload is done. */
  async #takeBack(row: UploadRecord, path: string): Promise<void> {
    this.#hashers.drop(row.id);
    if (row.length === 0) {
      // At its start an empty upload would look complete.
      await this.#files.command('upload.remove', { id: row.id });
      await this.#disk.remove(path);
      return;
    }
    // The row first: bytes that it does not count harm nobody, a count without bytes would.
    await this.#files.command('upload.reset', { id: row.id, expires: this.#expiry() });
    const file = await open(path, 'r+');
    await file.truncate(0);
    await file.close();
  }

  async #advance(id: Id, offset: number): Promise<void> {
    const expires = this.#expiry();
    await this.#files.command('upload.advance', { id, offset, expires, now: this.#now() });
    this.#tellExpiry(expires);
  }

  async #find(id: Id): Promise<UploadRecord> {
    const row = await findUpload(this.#files.readDb, id);
    if (!row) throw new TusError(404, 'not_found', 'There is no such upload.');
    return row;
  }

  #tellExpiry(expires: string): void {
    const { res } = currentCall();
    if (!res.headersSent) res.setHeader('Upload-Expires', new Date(expires).toUTCString());
  }

  /** Every stored byte renews the period. */
  #expiry(): string {
    return new Date(this.#files.clock.now() + this.#files.settings.uploadExpiry * 1000).toISOString();
  }

  #now(): string {
    return new Date(this.#files.clock.now()).toISOString();
  }
}

/** Bytes of another format than the declared one are as wrong as bytes with another checksum. */
export function isWrongType(error: unknown): boolean {
  return error instanceof Refusal && error.error.code === 'unsupported_type';
}

function isPart(row: UploadRecord): boolean {
  return row.file === '' && !readNotes(row.metadata).pack;
}

function checkPack(length: number | null): void {
  if (length === null) throw new TusError(400, 'invalid_value', 'The length of a pack is known from its beginning.');
  if (length > MAX_PACK) throw new TusError(413, 'too_large', `A pack has at most ${MAX_PACK} bytes.`);
}

/** A part that has all its bytes waits for the whole that it belongs to. */
export function isCompletePart(row: UploadRecord): boolean {
  return isPart(row) && row.offset === row.length;
}
