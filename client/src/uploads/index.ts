export type { FileChange, UploadDeps } from './deps.ts';
export type { Digests } from './hash.ts';
export type { HashReply, HashWorker } from './hash-worker.ts';
export { acceptedFormats, formatOf, presetFor } from './preset.ts';
export {
  UPLOAD_STORES,
  type SliceRow,
  type UploadRow,
  type UploadState,
  type UploadTables,
} from '../database/uploads.ts';
export { type AttachOptions, createUploads, type Files, type Uploads } from './uploads.ts';
