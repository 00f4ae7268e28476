import type { Channel, ShownNode } from '@cambium/client';
import type { Id } from '@cambium/protocol';
import type { Subscription } from 'rxjs';

/** One line of the tree as it is drawn. */
export interface OutlineRow {
  node: ShownNode;
  /** 1 for the children of the root. */
  level: number;
  /** Place among its siblings, from 0, and how many they are. */
  index: number;
  count: number;
  open: boolean;
}

interface Branch {
  children: ShownNode[] | null;
  subscription: Subscription;
}

/**
 * The visible lines of one channel: follows the children of the root and of every open node, and nothing else, so the
 * cost goes with what is open and not with the size of the channel.
 */
export class Outline {
  readonly #channel: Channel;
  readonly #root: Id;
  readonly #branches = new Map<Id, Branch>();
  readonly #listeners = new Set<() => void>();
  #open: ReadonlySet<Id> = new Set();
  #rows: OutlineRow[] = [];
  #scheduled = false;

  constructor(channel: Channel, root: Id) {
    this.#channel = channel;
    this.#root = root;
  }

  /** Follows exactly the open nodes from now on. */
  setOpen(open: ReadonlySet<Id>): void {
    this.#open = open;
    for (const [id, branch] of this.#branches) {
      if (id === this.#root || open.has(id)) continue;
      branch.subscription.unsubscribe();
      this.#branches.delete(id);
    }
    for (const id of [this.#root, ...open]) if (!this.#branches.has(id)) this.#follow(id);
    this.#change();
  }

  /** Have the root's children been read? */
  get ready(): boolean {
    return (this.#branches.get(this.#root)?.children ?? null) !== null;
  }

  readonly rows = (): OutlineRow[] => this.#rows;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The children of the root or of an open node, as far as they were read. */
  children(parent: Id): readonly ShownNode[] {
    return this.#branches.get(parent)?.children ?? [];
  }

  close(): void {
    for (const { subscription } of this.#branches.values()) subscription.unsubscribe();
    this.#branches.clear();
  }

  #follow(id: Id): void {
    const branch: Partial<Branch> = { children: null };
    this.#branches.set(id, branch as Branch);
    branch.subscription = this.#channel.children$(id).subscribe((children) => {
      branch.children = children;
      this.#change();
    });
  }

  /** Several branches often change with one edit: draws once for all of them. */
  #change(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#rows = this.#flatten();
      for (const listener of this.#listeners) listener();
    });
  }

  #flatten(): OutlineRow[] {
    const rows: OutlineRow[] = [];
    const walk = (parent: Id, level: number) => {
      const children = this.#branches.get(parent)?.children ?? [];
      children.forEach((node, index) => {
        const open = node.has_children && this.#open.has(node.id);
        rows.push({ node, level, index, count: children.length, open });
        if (open) walk(node.id, level + 1);
      });
    };
    walk(this.#root, 1);
    return rows;
  }
}
