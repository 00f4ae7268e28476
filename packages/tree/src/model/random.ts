import { POSITIONS, type Change, type Id, type JsonObject, type Position } from '@cambium/protocol';
import type { ReferenceModel } from './model.ts';

/** Where random choices come from: whole numbers from 0 up to `below`. */
export type Pick = (below: number) => number;

/**
 * Draws changes of all tables and types that fit what a model has now, and some that don't: dead ids, ids of the other
 * channel, of other tables and of nothing, cycles, roots.
 */
export class RandomChanges {
  readonly #model: ReferenceModel;
  readonly #channels: readonly [Id, Id];
  readonly #pick: Pick;
  #rev = 0;
  #made = 0;

  constructor(model: ReferenceModel, channels: readonly [Id, Id], pick: Pick) {
    this.#model = model;
    this.#channels = channels;
    this.#pick = pick;
  }

  next(): Change {
    const channel = this.#channels[this.#chance(85) ? 0 : 1];
    const change = this.#draw(channel);
    this.#rev += 1;
    return { ...change, rev: this.#rev, channel_id: channel } as Change;
  }

  #draw(channel: Id): Partial<Change> {
    const roll = this.#pick(100);
    if (roll < 30) return this.#created(channel);
    if (roll < 55) return { type: 'MOVED', table: 'contentnode', key: this.#node(channel), ...this.#place(channel) };
    if (roll < 63) return this.#copied(channel);
    if (roll < 70) return { type: 'DELETED', table: 'contentnode', key: this.#node(channel) };
    if (roll < 80) return this.#updated(channel);
    if (roll < 86) return this.#item(channel);
    if (roll < 94) return this.#file(channel);
    if (roll < 98) {
      const key: [Id, Id] = [this.#node(channel), this.#node(channel)];
      const table = 'contentnode_prerequisite';
      return this.#chance(70) ? { type: 'CREATED', table, key, obj: {} } : { type: 'DELETED', table, key };
    }
    if (roll < 99) return { type: 'PUBLISHED', table: 'channel', key: channel };
    return { type: 'UPDATED', table: 'channel', key: channel, mods: { name: this.#text() } };
  }

  #created(channel: Id): Partial<Change> {
    const kind = this.#one(['topic', 'topic', 'topic', 'video', 'document', 'exercise']);
    const more: JsonObject = this.#chance(30) ? { license: 1, copyright_holder: 'x', author: this.#text() } : {};
    const obj: JsonObject = { kind, title: this.#chance(10) ? '' : this.#text(), ...more };
    const key = this.#chance(6) ? this.#node(channel) : this.#id();
    const common = { type: 'CREATED', table: 'contentnode', key } as const;
    if (this.#chance(40)) return { ...common, obj: { ...obj, parent: this.#node(channel) } };
    const { parent, ...place } = this.#place(channel);
    const isBeside = place.position === 'left' || place.position === 'right';
    return { ...common, obj: { ...obj, ...(isBeside && parent !== undefined && { parent }) }, ...place };
  }

  #copied(channel: Id): Partial<Change> {
    const from_key = this.#node(this.#chance(80) ? channel : this.#channels[1]);
    const below = this.#model.nodes.has(from_key) ? this.#model.walk(from_key).slice(1) : [];
    // A copy of much doubles much: small trees find as many faults and are read more easily.
    if (below.length > 12) return this.#updated(channel);
    const excluded_descendants = below.filter(() => this.#chance(15));
    const key = this.#chance(6) ? this.#node(channel) : this.#id();
    const mods = this.#chance(50) ? { mods: { title: this.#text() } } : {};
    return {
      type: 'COPIED',
      table: 'contentnode',
      key,
      from_key,
      excluded_descendants,
      ...mods,
      ...this.#place(channel),
    };
  }

  #updated(channel: Id): Partial<Change> {
    const mods = this.#one<JsonObject>([
      { title: this.#text() },
      { title: '' },
      { 'tags.t': true, description: this.#text() },
      { 'tags.t': null },
      { license: 1, complete: true },
      { license: null },
      { 'extra_fields.mastery_model': this.#one(['do_all', null]) },
      { 'extra_fields.a.b': this.#pick(3), changed: false },
    ]);
    const base = this.#chance(20) ? { base: { title: this.#text() } } : {};
    return { type: 'UPDATED', table: 'contentnode', key: this.#node(channel), mods, ...base };
  }

  #item(channel: Id): Partial<Change> {
    const table = 'assessmentitem';
    const key = this.#key(this.#model.items);
    const roll = this.#pick(10);
    if (roll < 6)
      return {
        type: 'CREATED',
        table,
        key: this.#chance(80) ? this.#id() : key,
        obj: { contentnode: this.#node(channel), raw_data: 'x' },
      };
    return roll < 8 ? { type: 'UPDATED', table, key, mods: { raw_data: '' } } : { type: 'DELETED', table, key };
  }

  #file(channel: Id): Partial<Change> {
    const table = 'file';
    const key = this.#key(this.#model.files);
    const owner = this.#chance(70)
      ? { contentnode: this.#node(channel) }
      : { assessment_item: this.#key(this.#model.items), ...(this.#chance(5) && { contentnode: channel }) };
    const roll = this.#pick(10);
    if (roll < 5) {
      const obj = {
        checksum: '0'.repeat(32),
        file_size: this.#pick(2),
        file_format: 'pdf',
        preset: 'document',
        original_filename: 'a.pdf',
        mime_type: 'application/pdf',
        ...owner,
      };
      return { type: 'CREATED', table, key: this.#chance(70) ? this.#id() : key, obj };
    }
    if (roll < 7) return { type: 'UPDATED', table, key, mods: owner };
    if (roll < 8) return { type: 'UPDATED', table, key, mods: { contentnode: null, assessment_item: null } };
    return roll < 9 ? { type: 'UPDATED', table, key, mods: { language: 'en' } } : { type: 'DELETED', table, key };
  }

  #place(channel: Id): { target: Id; position?: Position; parent?: Id } {
    const position = this.#chance(10) ? {} : { position: this.#one(POSITIONS) };
    return { target: this.#node(channel), ...position, ...(this.#chance(25) && { parent: this.#node(channel) }) };
  }

  /** Mostly a node of the channel. */
  #node(channel: Id): Id {
    const roll = this.#pick(100);
    if (roll < 2) return this.#id();
    if (roll < 6 && this.#model.dead.size > 0) return this.#one([...this.#model.dead.keys()]);
    if (roll < 8) return this.#one([...this.#model.nodes.keys()]);
    if (roll < 9 && this.#model.files.size > 0) return this.#one([...this.#model.files.keys()]);
    if (roll < 14) return channel;
    return this.#one(this.#model.nodes.has(channel) ? this.#model.walk(channel) : [channel]);
  }

  #key(rows: ReadonlyMap<Id, unknown>): Id {
    const roll = this.#pick(100);
    if (roll < 85 && rows.size > 0) return this.#one([...rows.keys()]);
    return roll < 95 && this.#model.dead.size > 0 ? this.#one([...this.#model.dead.keys()]) : this.#id();
  }

  #id(): Id {
    this.#made += 1;
    return this.#made.toString(16).padStart(32, 'e');
  }

  #text(): string {
    return `t${this.#pick(1000)}`;
  }

  #one<T>(list: readonly T[]): T {
    return list[this.#pick(list.length)] as T;
  }

  #chance(percent: number): boolean {
    return this.#pick(100) < percent;
  }
}
