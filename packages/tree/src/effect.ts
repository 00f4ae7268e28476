import type { Id, Key, NodeRow, Row, Rows, Table } from '@cambium/protocol';

/** What a log entry does to a store: the only way in which a store of rows ever changes. */
export type Effect =
  /** A new node, the child of `row.parent_id` that follows `after` (null: the first); a root has no parent. */
  | { effect: 'insert'; row: NodeRow; after: Id | null }
  /** An existing node, with its subtree, to another place. */
  | { effect: 'move'; id: Id; parent: Id; after: Id | null }
  /** A node with its subtree and everything that hangs on it: items, files, prerequisite pairs. */
  | { effect: 'remove'; id: Id }
  /** New values of top-level fields of an existing row of any table; never a node's place. */
  | { effect: 'patch'; table: Table; key: Key; fields: Partial<Row> }
  /** A new row of a table other than `contentnode`. */
  | { effect: 'put'; table: Exclude<Table, 'contentnode'>; row: Rows[Exclude<Table, 'contentnode'>] }
  /** One row of a table other than `contentnode`. */
  | { effect: 'drop'; table: Exclude<Table, 'contentnode'>; key: Key }
  /** Every complete node of the channel becomes published and unchanged. */
  | { effect: 'publish'; channel: Id }
  /** A channel with everything in it. */
  | { effect: 'removeChannel'; channel: Id };
