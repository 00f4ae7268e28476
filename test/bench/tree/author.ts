import { BLANK_NODE, type Id, type NodeRow } from '@cambium/protocol';
import type { Foreseen, NodeBatch } from '@cambium/server/tree';

export type Op =
  | {
      op: 'insert';
      row: NodeRow;
      parent: Id;
      /** Null: the first child; undefined: the last. */
      after: Id | null | undefined;
    }
  | { op: 'move'; id: Id; parent: Id };

export const CHANNEL = idOf(1);

export function idOf(number: number): Id {
  return number.toString(16).padStart(32, '0');
}

/** Uniform whole numbers below `limit`, from a seed: mulberry32, which loses no bits in doubles. */
export function randomOf(seed: number): (limit: number) => number {
  let state = seed | 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) % limit;
  };
}

export function rowOf(id: Id, parent: Id | null, kind: 'topic' | 'video'): NodeRow {
  return {
    ...BLANK_NODE,
    id,
    channel_id: CHANNEL,
    parent_id: parent,
    kind,
    title: 'A title of usual length',
    node_id: id,
    content_id: id,
    complete: true,
    changed: true,
    published: false,
    modified: '2026-01-01T00:00:00.000Z',
  };
}

/** Makes operations before the clock runs. */
export class Author {
  readonly random: (limit: number) => number;
  readonly topics: Id[] = [];
  readonly leaves: Id[] = [];
  #last = 1000;

  constructor(seed: number) {
    this.random = randomOf(seed);
  }

  pick(ids: readonly Id[]): Id {
    return ids[this.random(ids.length)] as Id;
  }

  insert(parent: Id, after: Id | null | undefined, kind: 'topic' | 'video' = 'video'): Op & { op: 'insert' } {
    return { op: 'insert', row: rowOf(idOf((this.#last += 1)), parent, kind), parent, after };
  }

  /** Sections of 30 topics with 32 leaves each: the depth that courses have. */
  course(count: number): Op[] {
    const ops: Op[] = [];
    const add = (...args: Parameters<Author['insert']>): Id => {
      const op = this.insert(...args);
      ops.push(op);
      return op.row.id;
    };
    let [section, topic] = [CHANNEL, CHANNEL];
    for (let i = 0; i < count; i += 1) {
      if (i % 990 === 0) section = add(CHANNEL, undefined, 'topic');
      else if (i % 33 === 1) this.topics.push((topic = add(section, undefined, 'topic')));
      else this.leaves.push(add(topic, undefined));
    }
    return ops;
  }

  /** A topic with topics of 30 leaves, at the end of an existing one. */
  import(count: number): Op[] {
    const top = this.insert(this.pick(this.topics), undefined, 'topic');
    const ops: Op[] = [top];
    let topic = top.row.id;
    for (let i = 1; i < count; i += 1) {
      const isTopic = i % 31 === 1;
      const op = isTopic ? this.insert(top.row.id, undefined, 'topic') : this.insert(topic, undefined);
      if (isTopic) topic = op.row.id;
      ops.push(op);
    }
    return ops;
  }

  prepend(count: number): Op[] {
    return Array.from({ length: count }, () => this.insert(this.topics[5] as Id, null));
  }

  createScattered(count: number): Op[] {
    return Array.from({ length: count }, () => this.insert(this.pick(this.topics), undefined));
  }

  moveScattered(count: number): Op[] {
    return Array.from({ length: count }, () => ({
      op: 'move',
      id: this.pick(this.leaves),
      parent: this.pick(this.topics),
    }));
  }
}

/** Does what the server does for each change: looks at the neighbours, then applies. */
export function apply(batch: NodeBatch, ops: readonly Op[]): void {
  if (ops.length > 1) batch.prefetch(foreseen(ops));
  for (const op of ops) {
    if (op.op === 'insert') {
      const after = op.after === undefined ? batch.lastChild(op.parent) : op.after;
      batch.insert(op.row, after, 1);
    } else {
      const last = batch.lastChild(op.parent);
      if (last !== op.id) batch.move(op.id, op.parent, last, 2);
      batch.patch(op.id, { changed: true, modified: '2026-02-02T00:00:00.000Z' }, 2);
    }
  }
}

function foreseen(ops: readonly Op[]): Foreseen {
  const [named, leaving, growing] = [new Set<Id>(), [] as Id[], new Set<Id>()];
  for (const op of ops) {
    named.add(op.parent);
    if (op.op === 'move' || op.after === undefined) growing.add(op.parent);
    if (op.op === 'insert') continue;
    named.add(op.id);
    leaving.push(op.id);
  }
  return { named: [...named], leaving, growing: [...growing] };
}
