import type {
  AppRow,
  ChannelRow,
  FileRow,
  ItemRow,
  Key,
  NodeRow,
  PrerequisiteRow,
  Role,
  Table,
} from '@cambium/protocol';

/** A node as it lies in the client's database: its row, and two fields that never leave this device. */
export interface StoredNode extends NodeRow {
  /** Fractional key among its siblings; only the order it makes means anything. */
  order: string;
  /** Children as shown, so that a list can tell leaves without asking for each. */
  child_count: number;
}

/** A channel as it is shown; `role` comes with the list of channels. */
export interface StoredChannel extends ChannelRow {
  role?: Role;
}

export interface StoredRows {
  channel: StoredChannel;
  contentnode: StoredNode;
  contentnode_prerequisite: PrerequisiteRow;
  assessmentitem: ItemRow;
  file: FileRow;
  app_row: AppRow;
}

/** A row of any table, where code treats all tables alike. */
export type StoredRow = Record<string, unknown>;

/** The primary key of a stored row. */
export function keyOf(table: Table, row: StoredRow): Key {
  if (table !== 'contentnode_prerequisite') return row['id'] as Key;
  return [row['target_node'] as string, row['prerequisite'] as string];
}

/** The key that `keyText` made a text of. */
export function keyFromText(table: Table, text: string): Key {
  return table === 'contentnode_prerequisite' ? (text.split(':') as [string, string]) : text;
}
