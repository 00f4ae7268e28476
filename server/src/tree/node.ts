import type { Id } from '@cambium/protocol';
import type { Content } from './content.ts';
import { Token } from './token.ts';

/** Where the database has the node. It stands still while a batch lives: nothing is written before flush. */
export interface Snapshot {
  readonly parent: number | null;
  readonly lft: number;
  readonly rgt: number;
  readonly depth: number;
  /** Descendants. */
  readonly total: number;
}

/** Of descendants, in the order of the columns: all, resources, coach, errors, updated, new. */
export type Counts = [number, number, number, number, number, number];

/** A node as the batch sees it: what the database has, and what became of it since. */
export class TreeNode {
  readonly pk: number;
  readonly id: Id;
  readonly channel: number;
  /** Null for a node that this batch made. */
  readonly snapshot: Snapshot | null;
  readonly open: Token;
  readonly close: Token;
  parent: number | null;
  /** Of a node inside a moved block it is out of date until flush. */
  depth: number;
  /** What the database has of the row besides its place; undefined until somebody asks. */
  stored: Content | undefined;
  /** The row as it is now: the same object as `stored` while nothing changed. */
  content: Content | undefined;
  dead: boolean;
  /** It has left the place where the database has it: who looks for neighbours there looks past it. */
  departed: boolean;
  /** Something below may differ from the snapshot. Then it is also set in every ancestor; it is never taken back. */
  touched: boolean;
  /** Counted at flush. */
  visited: boolean;
  /** What its counts change by, known at flush; all of them for a node that this batch made. */
  countChange: Counts | undefined;
  /** Everything that the database has within it was loaded. */
  loaded: boolean;
  /** Children that the snapshot has; undefined until somebody asks. */
  children: number | undefined;
  /** Children that came less those that left. */
  childDelta: number;

  get isLeaf(): boolean {
    return this.children === 0 && this.childDelta === 0;
  }

  constructor(pk: number, id: Id, channel: number, snapshot: Snapshot | null, parent: number | null, depth: number) {
    this.pk = pk;
    this.id = id;
    this.channel = channel;
    this.snapshot = snapshot;
    this.open = new Token(this, true, snapshot ? snapshot.lft : null);
    this.close = new Token(this, false, snapshot ? snapshot.rgt : null);
    this.parent = parent;
    this.depth = depth;
    this.stored = undefined;
    this.content = undefined;
    this.dead = false;
    this.departed = false;
    this.touched = false;
    this.visited = false;
    this.countChange = undefined;
    this.loaded = snapshot === null;
    this.children = snapshot && snapshot.total > 0 ? undefined : 0;
    this.childDelta = 0;
  }
}
