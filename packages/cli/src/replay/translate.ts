import { createHash } from 'node:crypto';
import { derivedId, type Id, type JsonObject, LIMITS } from '@cambium/protocol';
import { Failure } from '../fail.ts';
import type { TraceEvent } from './event.ts';

/** A change that still lacks what the client gives it: its rev and its channel. */
export type PlannedChange = JsonObject & { type: string; table: 'contentnode'; key: Id };

/** Turns the events of one history into changes of one channel. */
export class Translator {
  readonly #channel: Id;
  readonly #ids = new Map<number, Id>();
  /** Where each node was last put and what it was last called: a rename is no move. */
  readonly #places = new Map<number, { parent: number; title: string }>();
  #groups = 0;

  constructor(channel: Id) {
    this.#channel = channel;
    this.#ids.set(0, channel);
  }

  /** The same history in the same channel has the same ids, so that a cut replay meets its own nodes. */
  id(event: number): Id {
    const known = this.#ids.get(event);
    if (known !== undefined) return known;
    const made = derivedId(this.#channel, createHash('sha256').update(`event ${event}`).digest('hex').slice(0, 32));
    this.#ids.set(event, made);
    return made;
  }

  changes(event: TraceEvent): PlannedChange[] {
    const key = this.id(event.id);
    switch (event.type) {
      case 'CREATED':
        return [this.#create(event, key)];
      case 'UPDATED':
        return [{ type: 'UPDATED', table: 'contentnode', key, mods: sourceMods(event) }];
      case 'MOVED':
        return this.#move(event, key);
      case 'COPIED':
        return this.#copy(event, key);
      case 'DELETED':
        return [{ type: 'DELETED', table: 'contentnode', key }];
    }
  }

  #create(event: TraceEvent, key: Id): PlannedChange {
    const title = this.#place(event);
    const obj: JsonObject = { parent: this.id(event.parent ?? 0), title };
    if (event.kind === 'topic') obj['kind'] = 'topic';
    else Object.assign(obj, { kind: 'document', extra_fields: { source: sourceOf(event) } });
    return { type: 'CREATED', table: 'contentnode', key, obj };
  }

  #move(event: TraceEvent, key: Id): PlannedChange[] {
    const before = this.#places.get(event.id);
    const title = this.#place(event);
    const changes: PlannedChange[] = [];
    if (before?.parent !== event.parent)
      changes.push({
        type: 'MOVED',
        table: 'contentnode',
        key,
        target: this.id(event.parent ?? 0),
        position: 'last-child',
      });
    if (before?.title !== title) changes.push({ type: 'UPDATED', table: 'contentnode', key, mods: { title } });
    if (changes.length < 2) return changes;
    this.#groups += 1;
    return changes.map((change) => ({ ...change, group: `rename ${this.#groups}` }));
  }

  #copy(event: TraceEvent, key: Id): PlannedChange[] {
    const title = this.#place(event);
    const copies = new Map([[event.from as number, event.id], ...(event.map ?? [])]);
    for (const [source, copy] of event.map ?? []) {
      this.#ids.set(copy, derivedId(key, this.id(source)));
      const place = this.#places.get(source);
      if (place !== undefined) this.#places.set(copy, { ...place, parent: copies.get(place.parent) as number });
    }
    return [
      {
        type: 'COPIED',
        table: 'contentnode',
        key,
        from_key: this.id(event.from as number),
        target: this.id(event.parent ?? 0),
        position: 'last-child',
        mods: { title },
      },
    ];
  }

  #place(event: TraceEvent): string {
    const title = event.title ?? '';
    if (Array.from(title).length > LIMITS.title)
      throw new Failure(`a path segment has more than ${LIMITS.title} characters: ${title.slice(0, 60)}…`);
    this.#places.set(event.id, { parent: event.parent ?? 0, title });
    return title;
  }
}

function sourceOf(event: TraceEvent): JsonObject {
  return { kind: event.kind ?? 'file', size: event.size ?? 0, sha: event.sha ?? '' };
}

function sourceMods(event: TraceEvent): JsonObject {
  const mods: JsonObject = {};
  for (const [name, value] of Object.entries({ kind: event.kind, size: event.size, sha: event.sha })) {
    if (value !== undefined) mods[`extra_fields.source.${name}`] = value;
  }
  return mods;
}
