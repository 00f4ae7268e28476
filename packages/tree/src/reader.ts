import type { Id, Key, Rows, Table } from '@cambium/protocol';

/**
 * What the reducer may ask of a store. Three stores answer: memory (the oracle, time travel), the server's batch over
 * SQLite, and the client's workspace over IndexedDB.
 *
 * Every answer is given at once. A store that would have to wait throws `NotLoaded` instead; its driver loads what is
 * missing and runs the reducer again (see `run`). That is sound because the reducer is pure: it changes nothing until
 * it returns.
 */
export interface TreeReader {
  /** The row as it is now, or undefined. Never change what this returns. */
  row<T extends Table>(table: T, key: Key): Readonly<Rows[T]> | undefined;

  firstChild(parent: Id): Id | null;
  lastChild(parent: Id): Id | null;
  previousSibling(id: Id): Id | null;
  nextSibling(id: Id): Id | null;

  /** The ids from the node up to its root: the node first, the root last. Its length - 1 is the node's depth. */
  path(id: Id): Id[];
  /** Levels below the node; 0 for a leaf. */
  height(id: Id): number;
  /** A store that would have to count may answer with any number below `enough` when there are fewer than that. */
  childCount(id: Id, enough?: number): number;
  /** Nodes of a channel, its root included. A store that holds only a part says 0 and leaves that rule to the server. */
  nodeCount(channel: Id): number;
  /** Nodes below the node, itself included, without those in `without` and their subtrees; document order. */
  subtree(id: Id, without?: ReadonlySet<Id>): Id[];

  /**
   * Files or assessment items that hang on a node (files also: on an assessment item), in any order. There may be more
   * than memory should hold at a time: take only as many as needed, and ask nothing else of the store meanwhile.
   */
  attachedTo(table: 'file' | 'assessmentitem', owner: Id): Iterable<Readonly<Rows['file' | 'assessmentitem']>>;
  /** Prerequisite pairs that name the node on either side. */
  pairsOf(node: Id): Readonly<Rows['contentnode_prerequisite']>[];

  /**
   * May a row with this key be CREATED in this table (by its name on the wire) and channel? `taken`: it exists, in whatever channel or table;
   * `reserved`: it existed in another table or channel, or as a channel, and is never used again there.
   */
  availability(table: string, key: Key, channel: Id): 'free' | 'taken' | 'reserved';

  /** Many nodes will be asked for, and whether these ids are free: a store that can load them together does so now. */
  foresee?(nodes: readonly Id[], given: readonly Id[]): void;

  /** May the author of the change view this channel? A client says yes to what it has. */
  mayView(channel: Id): boolean;
}

/** Thrown by a store that has to wait for an answer; `load` fetches it. */
export class NotLoaded extends Error {
  readonly load: () => PromiseLike<void>;

  constructor(load: () => PromiseLike<void>) {
    super('not loaded yet');
    this.load = load;
  }
}

/** Runs a pure computation over a store that may have to wait: loads what is missing and starts over until it is all there. */
export async function run<T>(compute: () => T): Promise<T> {
  for (;;) {
    try {
      return compute();
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error;
      await error.load();
    }
  }
}
