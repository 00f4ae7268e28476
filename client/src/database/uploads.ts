import type { Id, ProtocolError } from '@cambium/protocol';
import type { Table } from 'dexie';

/** Bytes of one slice: small enough for one transaction on a phone, large enough that their number stays low. */
export const SLICE_BYTES = 4 * 1024 * 1024;

/**
 * `reading`: the bytes are being copied and hashed, nothing is queued yet. `waiting`: they will be sent; `error` says
 * why the last try failed. `sending`: on their way. `verifying`: all sent, the server has not confirmed them yet.
 * `refused`: the server will not take them as they are; somebody has to decide.
 */
export type UploadState = 'reading' | 'waiting' | 'sending' | 'verifying' | 'refused';

/** One file whose bytes are still held here: from `attach` until the server says that it has them. */
export interface UploadRow {
  /** Also the id of the file row. */
  id: Id;
  channel_id: Id;
  contentnode: Id;
  name: string;
  /** Bytes. */
  size: number;
  file_format: string;
  preset: string;
  language: string | null;
  /** Seconds, of audio and video only. */
  duration: number | null;
  md5: string;
  sha256: string;
  state: UploadState;
  /** Bytes that were sent, or that were read while `reading`. */
  sent: number;
  /** Where the server takes this upload, from before it is created there; null when there is none. */
  upload_url: string | null;
  /** Bytes that the server was last known to have; left out: none. */
  accepted?: number;
  /** Tries since the last progress. */
  attempts: number;
  /** Milliseconds since 1970 before which no new try is made. */
  next_at: number;
  error: ProtocolError | null;
  /** Milliseconds since 1970 of the last sign of life, by which an abandoned `reading` is told. */
  touched_at: number;
  created_at: number;
}

/** Bytes as ArrayBuffers: WebKit loses Blobs that lie in IndexedDB. */
export interface SliceRow {
  file: Id;
  index: number;
  bytes: ArrayBuffer;
}

/** Dexie's description of the tables that the uploads keep in the client's database. */
export const UPLOAD_STORES = { upload: 'id, state, contentnode', slice: '[file+index]' } as const;

export interface UploadTables {
  upload: Table<UploadRow, Id>;
  slice: Table<SliceRow, [Id, number]>;
}
