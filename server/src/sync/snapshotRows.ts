import type { Id } from '@cambium/protocol';

export interface SnapshotHeader {
  channel_id: Id;
  server_rev: number;
  /** Counts of the rows to come; null where they are known at the end only. */
  nodes: number | null;
  files: number | null;
}

export interface SnapshotLine {
  /** The name on the wire: one of the engine's, or of an application's tables. */
  table: string;
  /** `keyText` of the row's key. */
  key: string;
  row: object;
}

/** The rows of a channel, now or at an earlier rev, in the order of a snapshot. */
export interface Rows {
  header: SnapshotHeader;
  /** Pages of rows: nodes in document order, then items, prerequisites, files, applications' rows. */
  pages: Iterable<SnapshotLine[]>;
}

/** A channel and how far its log reaches. */
export interface ChannelState {
  pk: number;
  id: Id;
  head: number;
  checkpoint: number;
}
