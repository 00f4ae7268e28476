import { keyText, storedTable, type Key, type LogEntry } from '@cambium/protocol';
import { MemoryTree, applyEntry, type Effect } from '@cambium/tree';
import type { CheckpointRow } from './compact/checkpoint.ts';
import { rowKey } from './storedRows.ts';

/** One channel's log, carried out in memory from its beginning or a checkpoint, with the last rev of every row. */
export class History {
  readonly tree = new MemoryTree();
  readonly #revs = new Map<string, number>();

  /** The last rev that touched a row; 0 when there is no such row. */
  revOf(table: string, key: Key): number {
    if (this.tree.row(storedTable(table), key) === undefined) return 0;
    return this.#revs.get(nameOf(table, key)) ?? 0;
  }

  /** Puts a row of the checkpoint in; in the order of the checkpoint, before any entry. */
  load(stored: CheckpointRow): void {
    this.tree.load(stored);
    this.#revs.set(`${stored.table} ${rowKey(stored.row)}`, stored.rev);
  }

  take(entry: LogEntry): void {
    const effects = applyEntry(entry, this.tree);
    this.tree.apply(effects);
    for (const effect of effects) this.#note(effect, entry);
  }

  /** A row has the rev of the entry that made, moved or named it; what an entry does to other rows leaves theirs. */
  #note(effect: Effect, { server_rev: rev, table, key }: LogEntry): void {
    switch (effect.effect) {
      case 'insert':
        this.#revs.set(nameOf('contentnode', effect.row.id), rev);
        break;
      case 'move':
        this.#revs.set(nameOf('contentnode', effect.id), rev);
        break;
      case 'put':
        this.#revs.set(`${effect.table} ${rowKey(effect.row)}`, rev);
        break;
      case 'patch':
        if (effect.table === storedTable(table) && keyText(effect.key) === keyText(key))
          this.#revs.set(nameOf(table, key), rev);
    }
  }
}

function nameOf(table: string, key: Key): string {
  return `${storedTable(table)} ${keyText(key)}`;
}
