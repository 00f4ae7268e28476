import { fileProblems, FORMATS, isPresetName, mimeTypeOf, normalizeId, Refusal, type Id } from '@cambium/protocol';
import type { NewFile } from './commands/reserve.ts';

/** Largest file name that is kept, in characters. */
const MAX_NAME = 255;

/**
 * The file row of an upload that was started directly: whatever its metadata say of it, nothing of which is required.
 * Keys: `id`, `filename`, `filetype`, `checksum` (MD5), `sha256`, `preset`, `duration` (seconds); others are the
 * sender's own. Refuses with `invalid_value`.
 */
export function fileFromMetadata(values: ReadonlyMap<string, string | null>, upload: Id, size: number | null): NewFile {
  const text = (key: string) => {
    const value = values.get(key) ?? '';
    if (value.includes('\0')) refuse(key, 'It must be text without NUL.');
    return value;
  };
  const name = text('filename') || text('name');
  const type = text('filetype') || text('type');
  const extension = /\.([A-Za-z0-9]{1,20})$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const duration = text('duration');
  const id = text('id') === '' ? upload : normalizeId(text('id'));
  if (id === null) return refuse('id', 'It must be a UUID.');
  if (name.length > MAX_NAME) refuse('filename', `It must have at most ${MAX_NAME} characters.`);
  const seconds = duration === '' ? null : Math.floor(Number(duration));
  if (seconds !== null && !(seconds >= 1 && Number.isSafeInteger(seconds))) {
    refuse('duration', 'It must be a number of seconds greater than 0.');
  }
  const preset = text('preset') || null;
  if (preset !== null && !isPresetName(preset)) refuse('preset', 'There is no such preset.');
  const file: NewFile = {
    id,
    checksum: hex('checksum', text('checksum'), 32),
    sha256: hex('sha256', text('sha256'), 64) || null,
    file_size: size,
    file_format: mimeTypeOf(extension) === type.toLowerCase() ? extension : (formatOf(type) ?? extension),
    preset,
    language: null,
    original_filename: name,
    duration: seconds,
    mime_type: isMimeType(type) ? type.toLowerCase() : mimeTypeOf(extension),
  };
  const [problem] = fileProblems(file);
  if (problem) throw new Refusal(problem.code, problem);
  return file;
}

/** The format of a media type; undefined for one that no format has. */
function formatOf(type: string): string | undefined {
  return Object.keys(FORMATS).find((format) => mimeTypeOf(format) === type.toLowerCase());
}

function hex(key: string, value: string, digits: number): string {
  if (value !== '' && !new RegExp(`^[0-9a-f]{${digits}}$`).test(value)) {
    refuse(key, `It must be ${digits} lower-case hex digits.`);
  }
  return value;
}

/** A type and subtype without parameters: it is served as it stands. */
function isMimeType(value: string): boolean {
  return /^[a-z0-9][\w!#$&^.+-]{0,62}\/[a-z0-9][\w!#$&^.+-]{0,62}$/i.test(value);
}

function refuse(field: string, message: string): never {
  throw new Refusal('invalid_value', { field, message });
}
