import type { Id } from '@cambium/protocol';
import type { Stored } from '../stored.ts';

/** A file as ClassQuiz shows it to everybody. */
export interface PublicItem {
  id: string;
  uploaded_at: string;
  mime_type: string;
  /** XXH3-128 of the content; null until it was found. */
  hash: string | null;
  size: number;
  deleted_at: null;
  alt_text: string | null;
  filename: string | null;
  thumbhash: string | null;
  server: null;
  imported: boolean;
}

export function publicItem(file: Stored): PublicItem {
  return {
    id: dashed(file.id),
    uploaded_at: file.added,
    mime_type: file.mime_type,
    hash: file.xxh3,
    size: file.file_size ?? 0,
    deleted_at: null,
    alt_text: file.alt_text,
    filename: file.shown_name,
    thumbhash: file.thumbhash,
    server: null,
    imported: false,
  };
}

/** The same as its owner sees it in a list. */
export function privateItem(file: Stored): PublicItem & { quizzes: { id: string }[]; quiztivities: { id: string }[] } {
  return { ...publicItem(file), quizzes: [], quiztivities: [] };
}

export function dashed(id: Id): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A UUID in any spelling that Python reads: dashed or not, braced, with `urn:uuid:`; else null. */
export function readUuid(text: string): Id | null {
  const bare = text.replace(/^(?:urn:)?(?:uuid:)?/i, '').replace(/^\{(.*)\}$/, '$1');
  const digits = bare.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) ? digits : null;
}

/** The file, and the owner where the name is of the old form `<file>--<owner>`; null for what is no name. */
export function readName(name: string): { file: Id; owner: Id | null } | null {
  const parts = name.split('--').map(readUuid);
  const [file, owner = null] = parts;
  if (!file || parts.length > 2 || parts.includes(null)) return null;
  return { file, owner };
}
