import type { Id } from '@cambium/protocol';
import { contentPath } from './capability.ts';
import { DELETING } from './commands/blob.ts';
import type { PackedFile } from './commands/pack.ts';
import type { FilesDeps } from './deps.ts';
import { linksOf, type Disk } from './disk.ts';
import { Hasher, hashFile } from './hasher.ts';
import { NamedLock } from './lock.ts';
import { isMediaType } from './media/facts.ts';
import type { Media } from './media/media.ts';
import type { Digest } from './notes.ts';
import type { Packs } from './pack/packs.ts';
import { readIfPack } from './pack/redo.ts';
import { openSettling, type Settling } from './pack/settle.ts';
import type { Unpacked, Verified } from './pack/unpack.ts';
import { judgeFormat, sniffFile } from './sniff.ts';
import { openSums, type Sums } from './sums.ts';

/** Verified bytes on their way to their final place. */
export interface Arrival {
  file: Id;
  /** The tus upload that brought them; null for any other way. */
  upload: Id | null;
  /** Where they lie; removed when they are stored. */
  path: string;
  size: number;
  digest: Digest;
}

/**
 * The stored bytes, one place for each content. Placing and deleting of one content exclude each other, so that bytes
 * which come back while their grace runs out are either kept or placed anew.
 */
export class Stock {
  readonly #deps: FilesDeps;
  readonly #disk: Disk;
  readonly #media: Media;
  readonly #sums: Sums;
  readonly #packs: Packs;
  readonly #settling: Settling;
  readonly #contents = new NamedLock();

  constructor(deps: FilesDeps, disk: Disk, media: Media, packs: Packs) {
    this.#deps = deps;
    this.#disk = disk;
    this.#media = media;
    this.#packs = packs;
    this.#settling = openSettling(deps, disk);
    this.#sums = openSums(deps, disk, (file, digest, size) => this.share(file, digest, size));
  }

  /**
   * Bytes that were verified become the file's, durably: link into place, folder fsync'd, then one transaction in which file,
   * log, blob and upload say so. Cut off before that, nothing was acknowledged, and the link goes with the upload.
   */
  async store({ file, upload, path, size, digest }: Arrival): Promise<void> {
    const isMedia = await this.#inspect(file, path);
    await this.#contents.hold(digest.sha256, async () => {
      // What lies there and is in no row may be the rest of a crash: it is not believed.
      await this.#removeUnknown(digest.sha256);
      await this.#disk.place(path, digest.sha256, size);
      await this.#tell(file, upload, digest, size, false);
    });
    await this.#disk.remove(path);
    if (isMedia) this.#media.look(digest.sha256);
    if (digest.md5 === '') this.#sums.due(digest.sha256);
  }

  /** Makes the members of all packs durable in their places now. */
  async settle(): Promise<void> {
    await this.#settling.settle();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#sums.stop(), this.#settling.stop()]);
  }

  /**
   * Are the bytes what the file's row says? Throws the Refusal `unsupported_type` when they show themselves to be
   * something else. Tells whether there is anything to see or hear in them.
   */
  async #inspect(file: Id, path: string): Promise<boolean> {
    const row = await this.#deps.readDb
      .selectFrom('file')
      .select(['file_format', 'mime_type'])
      .where('id', '=', file)
      .executeTakeFirst();
    const found = await sniffFile(path);
    judgeFormat(found, row?.file_format ?? '');
    return isMediaType(row?.mime_type ?? '') || isMediaType(found?.mime ?? '');
  }

  /**
   * The members of a durable pack become files, each answered for by itself: taken apart, placed, then one transaction.
   * Returns those that were refused, with their errors. The pack at `path` goes when its members are durable themselves.
   * Refuses with `invalid_value` what is no pack.
   */
  async storePack(upload: Id, user: number, path: string): Promise<Unpacked['refused']> {
    const { verified, refused } = await this.#packs.unpack(path);
    const pieces = new Map(verified.map(({ digest: { sha256 }, at, size }) => [sha256, { sha256, at, size }]));
    const others = await this.#othersOf(user, verified);
    const files = verified.map(({ file, digest }): PackedFile => {
      const url = this.#url(file.id, file.original_filename);
      return { file, digest, url, others: others.get(file.id) ?? [] };
    });
    const answered = await this.#contents.holdAll([...pieces.keys()], async () => {
      // What the database does not know of may be the rest of a crash: it is not believed.
      const known = await this.#known([...pieces.keys()]);
      try {
        await this.#packs.place(
          this.#disk.root,
          path,
          [...pieces.values()].filter(({ sha256 }) => !known.has(sha256)),
        );
        const now = new Date(this.#deps.clock.now()).toISOString();
        const answer = await this.#deps.command('pack.store', { upload, user, files, refused, now });
        await this.#clearUnknown(verified, answer.refused);
        for (const { file, digest, mime } of verified) {
          if (isMediaType(file.mime_type) || isMediaType(mime)) this.#media.look(digest.sha256);
        }
        return answer.refused;
      } catch (error) {
        for (const sha256 of pieces.keys()) await this.#removeUnknown(sha256);
        throw error;
      }
    });
    await this.#settling.due(path, [...pieces.keys()]);
    return answered;
  }

  /** Of these contents, those that the database answers for. */
  async #known(sha256s: string[]): Promise<Set<string>> {
    const rows = await this.#deps.readDb
      .selectFrom('blob')
      .select('sha256')
      .where('sha256', 'in', sha256s)
      .where((eb) => eb.or([eb('condemned', 'is', null), eb('condemned', '<>', DELETING)]))
      .execute();
    return new Set(rows.map(({ sha256 }) => sha256));
  }

  /** Files of the same user that wait for the bytes of a member, by the id of that member's file. */
  async #othersOf(user: number, verified: readonly Verified[]): Promise<Map<Id, { id: Id; url: string }[]>> {
    const found = await this.#deps.readDb
      .selectFrom('file')
      .select(['id', 'original_filename', 'checksum', 'sha256', 'file_size'])
      .where('uploaded', '=', 0)
      .where('uploaded_by', '=', user)
      .where('checksum', 'in', [...new Set(verified.map(({ digest }) => digest.md5))])
      .execute();
    const all = new Map<Id, { id: Id; url: string }[]>();
    for (const { file, digest, size } of found.length === 0 ? [] : verified) {
      const same = found.filter(
        (row) =>
          row.id !== file.id &&
          row.checksum === digest.md5 &&
          row.file_size === size &&
          (row.sha256 === null || row.sha256 === digest.sha256),
      );
      all.set(
        file.id,
        same.map(({ id, original_filename }) => ({ id, url: this.#url(id, original_filename) })),
      );
    }
    return all;
  }

  /** Bytes of refused members leave their place unless they are somebody's. */
  async #clearUnknown(verified: readonly Verified[], refused: Unpacked['refused']): Promise<void> {
    const ids = new Set(refused.map(({ id }) => id));
    for (const { file, digest } of verified) if (ids.has(file.id)) await this.#removeUnknown(digest.sha256);
  }

  /** The file gets bytes that are stored already; false when they are gone. */
  async share(file: Id, digest: Digest, size: number): Promise<boolean> {
    return await this.#tell(file, null, digest, size, true);
  }

  /** Removes bytes that were condemned before `before` and have no reference. */
  async clear(sha256: string, before: string): Promise<void> {
    await this.#contents.hold(sha256, async () => {
      const { doomed } = await this.#deps.command('blob.doom', { sha256, before });
      if (!doomed) return;
      await this.#disk.remove(this.#disk.blob(sha256));
      await this.#media.forget(sha256);
      await this.#deps.command('blob.forget', { sha256 });
    });
  }

  /** Removes the bytes of an upload that came to nothing, and their final place if a crash left it without a row. */
  async discard(path: string): Promise<void> {
    await this.#settling.settle(path);
    for (const { digest } of (await readIfPack(this.#packs, path))?.verified ?? []) {
      await this.#contents.hold(digest.sha256, () => this.#removeUnknown(digest.sha256));
    }
    if ((await linksOf(path)) > 1) {
      const { sha256 } = (await hashFile(path, new Hasher())).digest();
      await this.#contents.hold(sha256, () => this.#removeUnknown(sha256));
    }
    await this.#disk.remove(path);
  }

  async #removeUnknown(sha256: string): Promise<void> {
    const { readDb } = this.#deps;
    const blob = await readDb.selectFrom('blob').select('size').where('sha256', '=', sha256).executeTakeFirst();
    if (!blob) await this.#disk.remove(this.#disk.blob(sha256));
  }

  #url(id: Id, name: string): string {
    return contentPath(this.#deps.settings.secret, id, name);
  }

  async #tell(file: Id, upload: Id | null, digest: Digest, size: number, known: boolean): Promise<boolean> {
    const now = new Date(this.#deps.clock.now()).toISOString();
    const files = await this.#waiting(file, digest, size);
    const { stored } = await this.#deps.command('file.store', { ...digest, size, known, upload, files, now });
    return stored;
  }

  /** The file, and others of its uploader that wait for the same bytes: copies that were made before these came. */
  async #waiting(file: Id, { md5, sha256 }: Digest, size: number): Promise<{ id: Id; url: string }[]> {
    const rows = await this.#deps.readDb
      .selectFrom('file')
      .select(['id', 'original_filename'])
      .where((eb) =>
        eb.or([
          eb('id', '=', file),
          eb.and([
            eb('checksum', '=', md5),
            // Files without an MD5 are not alike for that.
            eb('checksum', '<>', ''),
            eb('file_size', '=', size),
            eb('uploaded', '=', 0),
            eb('uploaded_by', '=', eb.selectFrom('file as own').select('own.uploaded_by').where('own.id', '=', file)),
            eb.or([eb('sha256', 'is', null), eb('sha256', '=', sha256)]),
          ]),
        ]),
      )
      .execute();
    const named = rows.map(({ id, original_filename }) => ({ id, url: this.#url(id, original_filename) }));
    return [...named.filter(({ id }) => id === file), ...named.filter(({ id }) => id !== file)];
  }
}
