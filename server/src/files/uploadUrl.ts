import {
  isJsonObject,
  newId,
  normalizeId,
  parseWrite,
  Refusal,
  type FileRow,
  type Id,
  type JsonObject,
} from '@cambium/protocol';
import type { Request, Response } from 'express';
import { uploadPath } from './capability.ts';
import type { FilesDeps } from './deps.ts';
import { BLANK_NOTES, type Digest } from './notes.ts';
import { fileJson, selectFiles, selectVisibleFiles } from './records.ts';
import type { Stock } from './stock.ts';
import type { User } from '../writer/writer.ts';

/** A signed URL is good for the start of an upload this long. */
const GRANTED_MS = 3_600_000;

const FIELDS = ['size', 'checksum', 'name', 'file_format', 'preset', 'duration', 'sha256', 'language'] as const;

type Announced = FileRow & { file_size: number };

/** `POST /api/file/upload_url`: makes or finds the file row, reserves storage, and says where the bytes go. */
export function uploadUrlRoute(deps: FilesDeps, stock: Stock) {
  const { auth, readJson, readDb, settings, clock, publicBase } = deps;

  return async (req: Request, res: Response): Promise<void> => {
    const user = await auth(req);
    const file = readAnnounced(deps, await readJson(req));
    const expires = Math.ceil((clock.now() + GRANTED_MS) / 1000);
    const expires_at = new Date(expires * 1000).toISOString();
    const { file_size: size } = file;
    await reserve(deps, user, file, expires);
    const known = await findKnown(deps, user, file);
    const might_skip = known !== null && (await stock.share(file.id, known, size));
    const row = await selectFiles(readDb).where('f.id', '=', file.id).executeTakeFirst();
    if (!row) throw new Refusal('not_found');
    const base = publicBase(req);
    res.status(201).json({
      url: base + uploadPath(settings.secret, { file: row.id, checksum: row.checksum, size, expires }),
      content_type: row.mime_type,
      expires_at,
      might_skip,
      file: fileJson(row, base),
      tus: { endpoint: `${base}/api/upload`, metadata: tusMetadata(file, row.mime_type) },
    });
  };
}

/** Files that one request may ask for. */
const MAX_ASKED = 1_000;

/**
 * `POST /api/file/known` `{files: [as for upload_url]}`: which of them need not be sent, as the caller may view their
 * bytes already; those are `uploaded` at once. Nothing is made or reserved for the others, which a pack can bring.
 */
export function knownRoute(deps: FilesDeps, stock: Stock) {
  return async (req: Request, res: Response): Promise<void> => {
    const user = await deps.auth(req);
    const { files } = await deps.readJson(req);
    if (!Array.isArray(files) || !files.every(isJsonObject) || files.length > MAX_ASKED) {
      throw new Refusal('invalid_value', {
        field: 'files',
        message: `It must be an array of up to ${MAX_ASKED} files.`,
      });
    }
    const known: Id[] = [];
    for (const body of files) {
      const file = readAnnounced(deps, body);
      const digest = await findKnown(deps, user, file);
      if (!digest) continue;
      if (await take(deps, stock, user, file, digest)) known.push(file.id);
    }
    res.json({ known });
  };
}

/** False when the file may not have them, for a reason that sending them will tell. */
async function take(deps: FilesDeps, stock: Stock, user: User, file: Announced, digest: Digest): Promise<boolean> {
  try {
    await reserve(deps, user, file, Math.ceil((deps.clock.now() + GRANTED_MS) / 1000));
    return await stock.share(file.id, digest, file.file_size);
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** The file that the body announces. Refuses with the first error that a `file` CREATED would have. */
function readAnnounced({ clock, random, settings }: FilesDeps, body: JsonObject): Announced {
  const given = body['id'] ?? null;
  const id = given === null ? newId(clock.now(), random) : normalizeId(given);
  if (id === null) throw new Refusal('invalid_value', { field: 'id', message: 'It must be a UUID.' });
  // A `file` change may do without a preset, as a file of a collection is for nothing in particular; this API may not.
  if ((body['preset'] ?? null) === null)
    throw new Refusal('invalid_value', { field: 'preset', message: 'A preset is needed.' });
  const obj: JsonObject = {};
  for (const field of FIELDS) if (Object.hasOwn(body, field)) obj[field] = body[field] ?? null;
  const parsed = parseWrite({ type: 'CREATED', table: 'file', key: id, obj }, 'user');
  if (!parsed.ok) {
    const [error] = parsed.errors;
    if (!error) throw new Error('a refusal without an error');
    const { message, details, field: path } = error;
    const field = path?.replace(/^obj\./, '');
    // In a request of its own a missing field is a wrong one.
    const code = error.code === 'missing_field' ? 'invalid_value' : error.code;
    throw new Refusal(code, {
      message,
      ...(field !== undefined && { field }),
      ...(details !== undefined && { details }),
    });
  }
  const { change } = parsed;
  if (change.type !== 'CREATED' || !isJsonObject(change.obj)) throw new Error('a CREATED became something else');
  const file = {
    language: null,
    preset: null,
    duration: null,
    sha256: null,
    ...change.obj,
    id,
  } as unknown as Announced;
  if (file.file_size <= settings.maxFileSize) return file;
  throw new Refusal('invalid_value', { field: 'size', message: `A file has at most ${settings.maxFileSize} bytes.` });
}

/** Makes the file row unless there is one, and holds its storage until `expires` (seconds) and a slow PUT after that. */
async function reserve({ command, clock, settings }: FilesDeps, user: User, file: Announced, expires: number) {
  const { id, file_size: length, checksum, sha256 } = file;
  await command('file.reserve', {
    user: user.pk,
    file,
    upload: {
      id,
      state: 'reserved',
      length,
      notes: { ...BLANK_NOTES, checksum, sha256 },
      expires: new Date((expires + settings.uploadExpiry) * 1000).toISOString(),
    },
    now: new Date(clock.now()).toISOString(),
  });
}

/**
 * Stored bytes that are the announced ones, among the files that the caller may view: what one may not view must not
 * be found out by its checksum. Null as well when two of them share an MD5 and are not the same.
 */
async function findKnown({ readDb }: FilesDeps, user: User, file: Announced): Promise<Digest | null> {
  const rows = await selectVisibleFiles(readDb, user)
    .where('f.checksum', '=', file.checksum)
    .where('f.file_size', '=', file.file_size)
    .where('f.uploaded', '=', 1)
    .execute();
  const found = new Set(rows.map((row) => row.sha256));
  const sha256 = file.sha256 ?? (found.size === 1 ? [...found][0] : null);
  return sha256 !== null && sha256 !== undefined && found.has(sha256) ? { md5: file.checksum, sha256 } : null;
}

/** Upload-Metadata for the resumable way, as plain strings. */
function tusMetadata(file: Announced, filetype: string): Record<string, string> {
  const { id, original_filename: filename, checksum, sha256, preset, duration } = file;
  return {
    id,
    filename,
    filetype,
    checksum,
    ...(preset === null ? undefined : { preset }),
    ...(sha256 === null ? undefined : { sha256 }),
    ...(duration === null ? undefined : { duration: String(duration) }),
  };
}
