import { z } from 'zod';

/**
 * A backup is one tar file, in this order, so that a cut anywhere shows:
 *
 *     manifest.json           what follows: sizes, counts, the hash of the database
 *     kept/secret             signs the file URLs that the log delivers: without it they would lead nowhere
 *     kept/admin-token
 *     cambium.db              the database, one consistent state
 *     storage/<sha256>        every verified blob
 *
 * Uploads that are not finished are not in it: their senders start them again.
 */
export const MANIFEST = 'manifest.json';
export const DATABASE = 'cambium.db';
export const KEPT_FOLDER = 'kept/';
export const STORAGE_FOLDER = 'storage/';

/** Files of the data folder that belong to its database. */
export const KEPT = ['secret', 'admin-token'] as const;

export const FORMAT = 'cambium backup 1';

export const manifestSchema = z.object({
  format: z.literal(FORMAT),
  /** When the backup was made, ISO 8601. */
  made: z.string(),
  server_id: z.string(),
  database: z.object({ size: z.number(), sha256: z.string() }),
  blobs: z.number(),
  /** All blobs together. */
  bytes: z.number(),
});

export type Manifest = z.infer<typeof manifestSchema>;

export interface BackupReport {
  blobs: number;
  /** Blobs and database together. */
  bytes: number;
}

/** What a backup or a restore can't be made of, or what is wrong with the file; one line for a person. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}
