import type { Id, JsonObject } from '@cambium/protocol';

/**
 * An exported channel is one tar file:
 *
 *     manifest.json     which channel, at which rev, and how much follows
 *     rows.ndjson       the lines of the server's snapshot: nodes in document order, items, prerequisites, files
 *     files/<sha256>    the bytes of the files, each once
 */
export const MANIFEST = 'manifest.json';
export const ROWS = 'rows.ndjson';
export const FILES = 'files/';
export const FORMAT = 'cambium channel 1';

export interface Manifest {
  format: typeof FORMAT;
  /** When it was exported, ISO 8601. */
  made: string;
  channel_id: Id;
  server_rev: number;
  /** The channel's own row. */
  channel: JsonObject;
  /** Rows of all tables. */
  rows: number;
  /** Contents of files. */
  files: number;
}

export interface Line {
  table: string;
  row: JsonObject;
}
