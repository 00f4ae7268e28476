import type { Id } from '@cambium/protocol';

import { SLICE_BYTES, type UploadTables } from '../database/uploads.ts';

/** The bytes [start, end) of a file that is kept in slices, as a Blob: tus-js-client takes the length from its `size`. */
export async function readBytes(tables: UploadTables, file: Id, start: number, end: number): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = start; at < end;) {
    const index = Math.floor(at / SLICE_BYTES);
    const slice = await tables.slice.get([file, index]);
    if (!slice) throw new Error(`slice ${index} of file ${file} is missing`);
    const from = at - index * SLICE_BYTES;
    const part = new Uint8Array(slice.bytes, from, Math.min(slice.bytes.byteLength - from, end - at));
    parts.push(part);
    at += part.length;
  }
  return new Blob(parts);
}

/** Forgets the bytes of a file. */
export function dropBytes(tables: UploadTables, file: Id): PromiseLike<number> {
  return tables.slice.where('[file+index]').between([file, 0], [file, Number.MAX_SAFE_INTEGER], true, true).delete();
}
