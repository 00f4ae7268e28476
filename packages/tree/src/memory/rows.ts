import {
  keyText,
  type AppRow,
  type ChannelRow,
  type FileRow,
  type Id,
  type ItemRow,
  type Key,
  type NodeRow,
  type PrerequisiteRow,
  type Row,
  type Table,
} from '@cambium/protocol';
import type { Effect } from '../effect.ts';
import { HangingRows } from './hanging.ts';
import { MemoryNodes } from './nodes.ts';
import { Tombstones } from './tombstones.ts';

type Pair = PrerequisiteRow & { id: Id };

/** The rows of all tables, and the one way in which they change: effects. Rows are never changed in place. */
export class MemoryRows {
  readonly channels = new Map<Id, ChannelRow>();
  readonly nodes = new MemoryNodes();
  readonly items = new HangingRows<ItemRow>((item) => [item.contentnode]);
  readonly files = new HangingRows<FileRow>((file) => [file.contentnode, file.assessment_item]);
  readonly pairs = new HangingRows<Pair>((pair) => [pair.target_node, pair.prerequisite]);
  readonly apps = new Map<Id, AppRow>();
  readonly tombstones = new Tombstones();

  apply(effects: readonly Effect[]): void {
    for (const effect of effects) this.#apply(effect);
  }

  #apply(effect: Effect): void {
    switch (effect.effect) {
      case 'insert':
        return this.nodes.insert(effect.row, effect.after);
      case 'move':
        return this.nodes.move(effect.id, effect.parent, effect.after);
      case 'remove':
        return this.#remove(effect.id);
      case 'patch':
        return this.#patch(effect.table, effect.key, effect.fields);
      case 'put':
        return this.put(effect.table, effect.row);
      case 'drop':
        return this.#drop(effect.table, effect.key);
      case 'publish':
        return this.#publish(effect.channel);
      case 'removeChannel':
        return this.#removeChannel(effect.channel);
    }
  }

  row(table: Table, key: Key): Row | undefined {
    if (typeof key !== 'string') {
      const pair = table === 'contentnode_prerequisite' ? this.pairs.get(keyText(key)) : undefined;
      return pair && toPrerequisite(pair);
    }
    if (table === 'contentnode') return this.nodes.find(key)?.row;
    if (table === 'channel') return this.channels.get(key);
    if (table === 'app_row') return this.apps.get(key);
    if (table === 'file') return this.files.get(key);
    return table === 'assessmentitem' ? this.items.get(key) : undefined;
  }

  #patch(table: Table, key: Key, fields: Partial<Row>): void {
    const row = this.row(table, key);
    if (row === undefined) throw new Error(`there is no row ${keyText(key)} of ${table} to patch`);
    const patched = { ...row, ...fields } as Row;
    if (table === 'contentnode') this.nodes.get(key as Id).row = patched as NodeRow;
    else this.put(table, patched);
  }

  put(table: Exclude<Table, 'contentnode'>, row: Row): void {
    switch (table) {
      case 'channel':
        this.channels.set((row as ChannelRow).id, row as ChannelRow);
        break;
      case 'assessmentitem':
        this.items.put(row as ItemRow);
        break;
      case 'file':
        this.files.put(row as FileRow);
        break;
      case 'app_row':
        this.apps.set((row as AppRow).id, row as AppRow);
        break;
      case 'contentnode_prerequisite': {
        const pair = row as PrerequisiteRow;
        this.pairs.put({ ...pair, id: keyText([pair.target_node, pair.prerequisite]) });
      }
    }
  }

  #drop(table: Exclude<Table, 'contentnode'>, key: Key): void {
    if (typeof key !== 'string') return this.pairs.drop(keyText(key));
    if (table === 'app_row') return this.#dropApp(key);
    const rows = table === 'file' ? this.files : this.items;
    this.tombstones.bury(key, table, rows.get(key)?.channel_id ?? null);
    rows.drop(key);
  }

  #dropApp(key: Id): void {
    const row = this.apps.get(key);
    if (row !== undefined) this.tombstones.bury(key, row.table, row.channel_id);
    this.apps.delete(key);
  }

  #remove(id: Id): void {
    for (const { row } of this.nodes.remove(id)) {
      this.tombstones.bury(row.id, 'contentnode', row.channel_id);
      for (const pair of this.pairs.of(row.id)) this.pairs.drop(pair.id);
      for (const file of this.files.of(row.id)) this.#drop('file', file.id);
      for (const item of this.items.of(row.id)) {
        for (const file of this.files.of(item.id)) this.#drop('file', file.id);
        this.#drop('assessmentitem', item.id);
      }
    }
  }

  #publish(channel: Id): void {
    for (const node of this.nodes.walk(this.nodes.get(channel))) {
      if (node.row.complete) node.row = { ...node.row, published: true, changed: false };
    }
  }

  #removeChannel(channel: Id): void {
    this.channels.delete(channel);
    for (const row of this.apps.values()) if (row.channel_id === channel) this.#dropApp(row.id);
    this.tombstones.bury(channel, 'channel', channel);
    if (this.nodes.find(channel) !== undefined) this.#remove(channel);
  }
}

export function toPrerequisite({ target_node, prerequisite, channel_id }: Pair): PrerequisiteRow {
  return { target_node, prerequisite, channel_id };
}
