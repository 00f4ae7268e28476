import { isJsonObject, Refusal, type JsonObject } from '@cambium/protocol';

/** `filetype` in the metadata of an upload that brings many small files at once. */
export const PACK_TYPE = 'application/vnd.cambium.pack';
/** Bytes: a pack is read into memory to be taken apart. */
export const MAX_PACK = 16_777_216;
const MAX_MEMBERS = 1_000;

/** One file of a pack: what the metadata of its own upload would say, and its bytes. */
export interface Member {
  /** `id`, `filename`, `filetype`, `checksum`, `sha256`, `preset`, `duration`, as text. */
  values: ReadonlyMap<string, string | null>;
  /** Where its bytes begin in the pack. */
  at: number;
  bytes: Buffer;
}

/**
 * Takes a pack apart: one line of JSON, `{"members": [{"id", "size", "sha256", …}]}`, then the bytes of all members in
 * that order, with nothing between them. Refuses with `invalid_value` what is not so.
 */
export function readPack(pack: Buffer): Member[] {
  const end = pack.indexOf('\n');
  if (end < 0) return refuse('It has no header line.');
  const members: Member[] = [];
  let at = end + 1;
  for (const { size, ...fields } of readHeader(pack.toString('utf8', 0, end))) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return refuse('A member has no size.');
    members.push({ values: valuesOf(fields), at, bytes: pack.subarray(at, at + size) });
    at += size;
  }
  if (at !== pack.byteLength) return refuse('The sizes of its members do not add up to its own.');
  return members;
}

function readHeader(line: string): JsonObject[] {
  let header: unknown;
  try {
    header = JSON.parse(line);
  } catch {
    return refuse('Its header is no JSON.');
  }
  const members = isJsonObject(header) ? header['members'] : null;
  if (!Array.isArray(members) || !members.every(isJsonObject)) return refuse('Its header names no members.');
  if (members.length > MAX_MEMBERS) return refuse(`It has more than ${MAX_MEMBERS} members.`);
  if (new Set(members.map(({ id }) => id)).size < members.length) return refuse('Two members have one id, or none.');
  return members;
}

function valuesOf(fields: JsonObject): Map<string, string | null> {
  const values = new Map<string, string | null>();
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'string' || typeof value === 'number') values.set(key, String(value));
  }
  return values;
}

function refuse(message: string): never {
  throw new Refusal('invalid_value', { field: 'pack', message });
}
