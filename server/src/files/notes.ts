import type { ProtocolError } from '@cambium/protocol';

/**
 * `reserved`: a signed URL was given, no bytes are kept yet. `receiving`: bytes come in by tus; a complete part stays
 * here. `joined`: a part whose bytes were copied into a whole, so that it no longer counts against the quota.
 * `stored`: the bytes are verified and durable, and the file's row says so.
 */
export type UploadState = 'reserved' | 'receiving' | 'joined' | 'stored';

/** Lower-case hex; empty what was not made, or not yet. */
export interface Digest {
  md5: string;
  sha256: string;
}

export const NO_DIGEST: Digest = { md5: '', sha256: '' };

/** What is kept of an upload beside its columns, as JSON in `upload.metadata`. */
export interface UploadNotes {
  /** Upload-Metadata exactly as it was sent: HEAD repeats it byte by byte. */
  raw: string | null;
  /** Upload-Concat as it was sent. */
  concat: string | null;
  /** The file row was made by this upload and goes with it. */
  direct: boolean;
  /** What the bytes must hash to; null when nothing was declared. */
  checksum: string | null;
  sha256: string | null;
  /** Their SHA-256, once they are stored. */
  stored: string | null;
  /** The bytes are those of many files. */
  pack: boolean;
  /** Of a pack that was taken apart: the ids of its members, and what some were refused for. */
  members: string[];
  refused: { id: string; error: ProtocolError }[];
}

export const BLANK_NOTES: UploadNotes = {
  raw: null,
  concat: null,
  direct: false,
  checksum: null,
  sha256: null,
  stored: null,
  pack: false,
  members: [],
  refused: [],
};

export function readNotes(metadata: string): UploadNotes {
  return { ...BLANK_NOTES, ...(JSON.parse(metadata) as Partial<UploadNotes>) };
}

/** Are these the bytes that were announced? What was not declared is not compared. */
export function isAsAnnounced(digest: Digest, announced: Pick<UploadNotes, 'checksum' | 'sha256'>): boolean {
  const { checksum, sha256 } = announced;
  return (checksum === null || checksum === digest.md5) && (sha256 === null || sha256 === digest.sha256);
}
