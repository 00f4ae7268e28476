import { type Id, keyText, type Table } from '@cambium/protocol';
import { NotLoaded } from '@cambium/tree';
import { type ClientDatabase, rowTable } from '../database/open.ts';
import { keyOf, type StoredRow } from '../database/rows.ts';

type HangingTable = 'file' | 'assessmentitem' | 'contentnode_prerequisite';

/** The fields by which rows of a table hang on others. */
const OWNERS: Record<HangingTable, readonly string[]> = {
  file: ['contentnode', 'assessment_item'],
  assessmentitem: ['contentnode'],
  contentnode_prerequisite: ['target_node', 'prerequisite'],
};

/** Which tables' rows can have something hanging on them, by which field of it. */
const HOLDERS: Partial<Record<Table, readonly HangingTable[]>> = {
  contentnode: ['file', 'assessmentitem', 'contentnode_prerequisite'],
  assessmentitem: ['file'],
};

/** What hangs on a row inside one transaction: stored rows, with the workspace's own changes on top. */
export class Hanging {
  readonly #db: ClientDatabase;
  readonly #isDirty: (table: Table, key: string) => boolean;
  readonly #onLoad: (table: Table, rows: StoredRow[]) => void;
  /** Keys of stored rows by `table:owner`. */
  readonly #stored = new Map<string, Set<string>>();
  /** Keys of changed rows by `table:owner`. */
  readonly #changed = new Map<string, Set<string>>();

  constructor(
    db: ClientDatabase,
    isDirty: (table: Table, key: string) => boolean,
    onLoad: (table: Table, rows: StoredRow[]) => void,
  ) {
    this.#db = db;
    this.#isDirty = isDirty;
    this.#onLoad = onLoad;
  }

  /** Keys in the order of the ids, so that it is the same everywhere. */
  of(table: HangingTable, owner: Id): string[] {
    const stored = this.#stored.get(`${table}:${owner}`);
    if (!stored) throw new NotLoaded(() => this.load(table, [owner]));
    const clean = [...stored].filter((key) => !this.#isDirty(table, key));
    return [...clean, ...(this.#changed.get(`${table}:${owner}`) ?? [])].sort();
  }

  /** `before` is what the workspace itself had put there. */
  set(table: Table, key: string, before: StoredRow | undefined, row: StoredRow | undefined): void {
    if (!isHanging(table)) return;
    for (const field of OWNERS[table]) {
      const old = before?.[field];
      if (typeof old === 'string') this.#changed.get(`${table}:${old}`)?.delete(key);
    }
    for (const field of OWNERS[table]) {
      const owner = row?.[field];
      if (typeof owner === 'string') setOf(this.#changed, `${table}:${owner}`).add(key);
    }
  }

  /** A row that is not in the database has nothing hanging on it there. */
  knowEmpty(table: Table, key: string): void {
    for (const hanging of HOLDERS[table] ?? []) setOf(this.#stored, `${hanging}:${key}`);
  }

  has(table: HangingTable, owners: readonly Id[]): boolean {
    return owners.every((owner) => this.#stored.has(`${table}:${owner}`));
  }

  async load(table: HangingTable, owners: readonly Id[]): Promise<void> {
    const missing = owners.filter((owner) => !this.#stored.has(`${table}:${owner}`));
    if (missing.length === 0) return;
    for (const owner of missing) setOf(this.#stored, `${table}:${owner}`);
    for (const field of OWNERS[table]) {
      const rows = await rowTable(this.#db, table).where(field).anyOf(missing).toArray();
      this.#onLoad(table, rows);
      for (const row of rows) this.#stored.get(`${table}:${row[field] as string}`)?.add(keyText(keyOf(table, row)));
    }
  }
}

function isHanging(table: Table): table is HangingTable {
  return table in OWNERS;
}

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  const found = map.get(key);
  if (found) return found;
  const made = new Set<string>();
  map.set(key, made);
  return made;
}
