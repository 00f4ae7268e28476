/** One event of a recorded history. Ids are numbers that survive moves; 0 is the root topic. */
export interface TraceEvent {
  type: 'CREATED' | 'UPDATED' | 'MOVED' | 'COPIED' | 'DELETED';
  id: number;
  parent?: number;
  title?: string;
  /** `topic`, or what kind of file it is. */
  kind?: string;
  size?: number;
  sha?: string;
  /** COPIED: the source. */
  from?: number;
  /** COPIED of a topic: source and new id of every descendant. */
  map?: [number, number][];
}

/** What one author did in one go: one commit. */
export interface Batch {
  author: number;
  events: TraceEvent[];
}

/** A batch made offline: its author saw the lines up to `base` and nothing later (-1: nothing at all). */
export interface ForkedBatch extends Batch {
  base: number;
  /** What somebody online did right after, to settle what the two sides disagreed on. */
  resolve: TraceEvent[];
}
