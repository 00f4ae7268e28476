import { ATTACHMENT, type FileRow, type Id, newId, Refusal } from '@cambium/protocol';
import { liveQuery } from 'dexie';
import { filter, firstValueFrom, from, type Observable } from 'rxjs';

import type { FileChange, UploadDeps } from './deps.ts';
import type { Digests } from './hash.ts';
import { endOnServer, giveUp } from './give-up.ts';
import { forget, hash, takeIn } from './intake.ts';
import { anyFormatOf, formatOf, presetFor, replaces } from './preset.ts';
import { explainRoom, makeRoom } from './room.ts';
import type { UploadRow } from '../database/uploads.ts';
import { createUploader } from './uploader.ts';

export interface AttachOptions {
  /** The id of the file; made when it is not given. One that is on its way already is not begun again. */
  id?: Id;
  /** With the ending that tells the format; default: the name of a `File`. */
  name?: string;
  /** Default: what a file of this format usually is to a node of this kind. */
  preset?: string;
  language?: string;
  /** Seconds; audio and video need it. */
  duration?: number;
}

/** `client.files`: files on their way to the server. */
export interface Files {
  /**
   * Keeps the bytes and queues the file; resolves to its id when both are stored here, online or not. A file of the
   * same preset is replaced. Throws a `Refusal` when the node takes no such file or there is no room for it.
   */
  attach(node: Id, blob: Blob, options?: AttachOptions): Promise<Id>;
  /** The files of a node as they are shown. */
  attached(node: Id): Promise<FileRow[]>;
  /** Both checksums of some bytes, without keeping them. */
  hash(blob: Blob): Promise<Digests>;
  /**
   * Resolves when the server has confirmed the bytes. Throws a `Refusal` when only somebody's decision can help: the
   * upload is refused, the token or the right is missing, the storage is full. The upload itself stays.
   */
  finished(id: Id): Promise<void>;
  /** Everything whose bytes the server has not confirmed, oldest first. */
  readonly uploads$: Observable<UploadRow[]>;
  /** Tries again what was refused. */
  retry(id: Id): Promise<void>;
  /** Gives an upload up: the bytes are forgotten, here and on the server, and the file is detached. */
  cancel(id: Id): Promise<void>;
  /** Sends everything that waits, now; throws what stopped it. */
  drain(): Promise<void>;
}

/** `Files` and what the client needs to run them. */
export interface Uploads extends Files {
  start(): void;
  stop(): Promise<void>;
  /** After a new token, or when the server can be reached again. */
  wake(): void;
}

export function createUploads(deps: UploadDeps): Uploads {
  const { database, world } = deps;
  const uploader = createUploader(deps);

  async function attach(node: Id, blob: Blob, options: AttachOptions = {}): Promise<Id> {
    const known = options.id === undefined ? undefined : await database.upload.get(options.id);
    if (known && known.state !== 'reading') return known.id;
    const upload = await describe(node, blob, options);
    await makeRoom(deps, blob.size);
    try {
      await database.upload.put(upload);
      Object.assign(upload, await takeIn(deps, upload, blob));
      endOnServer(deps, await enqueue(upload));
    } catch (error) {
      await forget(deps, [upload.id]);
      throw explainRoom(error);
    }
    uploader.wake();
    return upload.id;
  }

  async function describe(node: Id, blob: Blob, options: AttachOptions): Promise<UploadRow> {
    const row = await database.contentnode.get(node);
    if (!row) throw new Refusal('not_found', { field: 'contentnode' });
    const name = options.name ?? (blob instanceof File ? blob.name : '');
    const format = options.preset === ATTACHMENT ? anyFormatOf(name) : formatOf(name);
    const now = world.clock.now();
    return {
      id: options.id ?? newId(now, world.random),
      channel_id: row.channel_id,
      contentnode: node,
      name,
      size: blob.size,
      file_format: format,
      preset: options.preset ?? presetFor(row.kind, format),
      language: options.language ?? null,
      duration: options.duration ?? null,
      md5: '',
      sha256: '',
      state: 'reading',
      sent: 0,
      upload_url: null,
      attempts: 0,
      next_at: 0,
      error: null,
      touched_at: now,
      created_at: now,
    };
  }

  /** The file's CREATED and the upload become visible together, or not at all. Returns what the server can forget. */
  async function enqueue(upload: UploadRow): Promise<string[]> {
    return await database.transaction('rw', database.tables, async () => {
      const old = await database.file.where('contentnode').equals(upload.contentnode).toArray();
      const replaced = old.filter((file) => file.id !== upload.id && replaces(upload, file));
      // Replacing is one step: nobody ever sees the node without a file, or with two.
      const group = replaced.length > 0 ? { group: upload.id } : {};
      const changes: FileChange[] = replaced.map(({ id }) => ({ type: 'DELETED', table: 'file', key: id, ...group }));
      changes.push({ type: 'CREATED', table: 'file', key: upload.id, obj: fields(upload), ...group });
      await deps.write(upload.channel_id, changes);
      const ended = await giveUp(
        deps,
        replaced.map(({ id }) => id),
      );
      await database.upload.put({ ...upload, state: 'waiting', sent: 0 });
      return ended;
    });
  }

  /** Waits while trying again may help. */
  async function finished(id: Id): Promise<void> {
    uploader.start();
    const rows$ = from(liveQuery(() => database.upload.get(id)));
    const last = await firstValueFrom(rows$.pipe(filter((row) => row === undefined || isStuck(row))));
    if (!last?.error) return;
    const { code, ...more } = last.error;
    throw new Refusal(code, more);
  }

  return {
    attach,
    attached: (node) => database.file.where('contentnode').equals(node).toArray(),
    hash: (blob) => hash(deps, blob),
    finished,
    uploads$: from(
      liveQuery(() => database.upload.toArray().then((all) => all.toSorted((a, b) => a.created_at - b.created_at))),
    ),
    async retry(id) {
      await database.upload
        .where('id')
        .equals(id)
        .and((upload) => upload.state === 'refused')
        .modify({ state: 'waiting', next_at: 0, attempts: 0 });
      uploader.wake();
    },
    async cancel(id) {
      const upload = await database.upload.get(id);
      if (!upload) return;
      const ended = await database.transaction('rw', database.tables, async () => {
        if (await database.file.get(id))
          await deps.write(upload.channel_id, [{ type: 'DELETED', table: 'file', key: id }]);
        return await giveUp(deps, [id]);
      });
      endOnServer(deps, ended);
    },
    ...uploader,
  };
}

/** Reasons that do not pass by waiting. */
const STUCK = new Set(['unauthenticated', 'forbidden', 'quota_exceeded']);

function isStuck({ state, error }: UploadRow): boolean {
  return state === 'refused' || (error !== null && STUCK.has(error.code));
}

/** The fields of a file's CREATED. */
function fields(upload: UploadRow): Record<string, string | number | null> {
  return {
    contentnode: upload.contentnode,
    checksum: upload.md5,
    sha256: upload.sha256,
    size: upload.size,
    name: upload.name,
    file_format: upload.file_format,
    preset: upload.preset,
    ...(upload.language !== null && { language: upload.language }),
    ...(upload.duration !== null && { duration: upload.duration }),
  };
}
