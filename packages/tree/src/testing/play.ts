import type { Change, Conflict, Id, ProtocolError } from '@cambium/protocol';
import { applyChange } from '../applyChange.ts';
import { applyEntry } from '../applyEntry.ts';
import type { Entry } from '../entries/entry.ts';
import { MemoryTree } from '../memory/memoryTree.ts';
import type { Context } from '../outcome.ts';

/** A small readable id: `id('a1')` is `…a1` in 32 digits. */
export function id(digits: string): Id {
  return digits.padStart(32, '0');
}

export const USER = id('99');
export const CHANNEL = id('c0');
export const OTHER = id('c1');

/** A server in a few lines: one tree, one log, one clock. */
export class Play {
  readonly tree: MemoryTree;
  readonly log: Entry[] = [];
  user: Id = USER;
  authority: Context['authority'] = 'user';
  #rev = 0;

  constructor(tree = new MemoryTree()) {
    this.tree = tree;
    for (const key of [CHANNEL, OTHER]) {
      this.must({ type: 'CREATED', table: 'channel', key, channel_id: key, obj: { name: 'root' } });
    }
  }

  get at(): string {
    return new Date(this.#rev * 1000).toISOString();
  }

  send(change: object): ReturnType<typeof applyChange> {
    this.#rev += 1;
    const full = { rev: this.#rev, table: 'contentnode', channel_id: CHANNEL, ...change } as Change;
    const { at } = this;
    const outcome = applyChange(full, { at, user: this.user, authority: this.authority }, this.tree);
    if (!outcome.ok) return outcome;
    for (const draft of outcome.entries) {
      // What is logged is JSON: nothing that JSON cannot say may matter.
      const entry = JSON.parse(JSON.stringify({ ...draft, at })) as Entry;
      this.log.push(entry);
      this.tree.apply(applyEntry(entry, this.tree));
    }
    return outcome;
  }

  /** Applies the change, or throws why not. Returns the entries. */
  must(change: object): Entry[] {
    const before = this.log.length;
    const outcome = this.send(change);
    if (!outcome.ok) throw new Error(`${JSON.stringify(change)}: ${JSON.stringify(outcome.errors)}`);
    return this.log.slice(before);
  }

  /** The refusal as `code field`, or 'applied'. */
  refusal(change: object): string {
    const outcome = this.send(change);
    return outcome.ok ? 'applied' : outcome.errors.map(describe).join(', ');
  }

  conflicts(change: object): Omit<Conflict, 'theirs_rev'>[] | undefined {
    const outcome = this.send(change);
    return outcome.ok ? outcome.conflicts : undefined;
  }

  topic(key: Id, parent: Id = CHANNEL, more: object = {}): Id {
    this.must({ type: 'CREATED', key, obj: { parent, kind: 'topic', title: key.slice(-4) }, ...more });
    return key;
  }

  node(key: Id): NonNullable<ReturnType<Play['row']>> {
    const row = this.row(key);
    if (row === undefined) throw new Error(`there is no node ${key}`);
    return row;
  }

  row(key: Id) {
    return this.tree.row('contentnode', key);
  }

  /** What a reader has who was given nothing but the channel's log. */
  replica(channel: Id = CHANNEL): MemoryTree {
    const tree = new MemoryTree();
    for (const entry of this.log) if (entry.channel_id === channel) tree.apply(applyEntry(entry, tree));
    return tree;
  }
}

function describe(error: ProtocolError): string {
  return error.field === undefined ? error.code : `${error.code} ${error.field}`;
}
