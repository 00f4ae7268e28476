import {
  type AppRowOnWire,
  type CopiedChange,
  type FileRow,
  type Id,
  type ItemRow,
  type JsonObject,
  type Mods,
  newId,
  type Position,
} from '@cambium/protocol';
import type { Observable } from 'rxjs';
import { enqueue, type NewChange, type RefusedChange } from './changes/enqueue.ts';
import type { History } from './changes/history.ts';
import type { Queue } from './database/queue.ts';
import {
  ancestors$,
  appRows$,
  children$,
  files$,
  isAvailable$,
  items$,
  node$,
  search$,
  type ShownNode,
} from './queries.ts';

export interface WriteOptions {
  /** Changes with one group apply all or none. */
  group?: string;
}

export interface MakeOptions extends WriteOptions {
  /** The id of the new row; made when it is not given. */
  id?: Id;
}

/** Where a node goes: `position` is relative to `target`, by default the last of its children. */
export interface Place {
  target: Id;
  position?: Position;
}

/** A new node: its fields, and where it goes (`parent`, or `target` and `position`). */
export type NewNode = JsonObject & { kind: string; title: string; parent?: Id; target?: Id; position?: Position };

export interface CopyOptions extends Place {
  mods?: Mods;
  /** Left out, each with everything below it. */
  excluded?: Id[];
}

/** A change without its rev and channel. */
export type ChannelChange = JsonObject & { type: string; table: string; key: Id | [Id, Id] };

/** The changes that can be made to one channel. Each throws a `Refusal` when it cannot apply; nothing happens then. */
export interface ChannelWriter {
  create(node: NewNode, options?: MakeOptions): Promise<Id>;
  update(id: Id, mods: Mods, options?: WriteOptions): Promise<void>;
  move(id: Id, place: Place, options?: WriteOptions): Promise<void>;
  copy(id: Id, copy: CopyOptions, options?: MakeOptions): Promise<Id>;
  remove(id: Id, options?: WriteOptions): Promise<void>;
  /** Any change of any table. */
  change(change: ChannelChange): Promise<void>;
}

/** One channel as it is shown, and what can be done to it. Works offline. */
export class Channel implements ChannelWriter {
  readonly id: Id;
  readonly #queue: Queue;
  readonly #history: History;

  constructor(id: Id, queue: Queue, history: History) {
    this.id = id;
    this.#queue = queue;
    this.#history = history;
  }

  /** Is there a step of this tab that `undo` takes back? */
  get canUndo$(): Observable<boolean> {
    return this.#history.canUndo$;
  }

  /**
   * Takes back the last `create`, `update`, `move`, `copy` or `remove` of this tab, as a change of its own: others see
   * both, and what they did meanwhile stays. Resolves to false when there is nothing to take back; groups, `write` and
   * the removal of nodes with files stay, and so does what was done before them.
   *
   * @throws Refusal when it cannot be taken back any more
   */
  undo(): Promise<boolean> {
    return this.#history.undo();
  }

  /**
   * Does the server show this channel to the user? False when it was deleted or is no longer shared: what is on this
   * device stays, edits are kept and sent when it is shown again.
   */
  get isAvailable$(): Observable<boolean> {
    return isAvailable$(this.#queue.db, this.id);
  }

  get root$(): Observable<ShownNode | null> {
    return this.node$(this.id);
  }

  node$(id: Id): Observable<ShownNode | null> {
    return node$(this.#queue.db, id);
  }

  children$(parent: Id): Observable<ShownNode[]> {
    return children$(this.#queue.db, parent);
  }

  ancestors$(id: Id): Observable<ShownNode[]> {
    return ancestors$(this.#queue.db, id);
  }

  search$(text: string): Observable<ShownNode[]> {
    return search$(this.#queue.db, this.id, text);
  }

  files$(node: Id): Observable<FileRow[]> {
    return files$(this.#queue.db, node);
  }

  /** The rows of a table that the application registered; they are written with `change`. */
  rows$(table: string): Observable<AppRowOnWire[]> {
    return appRows$(this.#queue.db, this.id, table);
  }

  items$(node: Id): Observable<ItemRow[]> {
    return items$(this.#queue.db, node);
  }

  create(node: NewNode, options: MakeOptions = {}): Promise<Id> {
    return this.#writer().create(node, options);
  }

  update(id: Id, mods: Mods, options: WriteOptions = {}): Promise<void> {
    return this.#writer().update(id, mods, options);
  }

  move(id: Id, place: Place, options: WriteOptions = {}): Promise<void> {
    return this.#writer().move(id, place, options);
  }

  copy(id: Id, copy: CopyOptions, options: MakeOptions = {}): Promise<Id> {
    return this.#writer().copy(id, copy, options);
  }

  remove(id: Id, options: WriteOptions = {}): Promise<void> {
    return this.#writer().remove(id, options);
  }

  change(change: ChannelChange): Promise<void> {
    return this.#writer().change(change);
  }

  /**
   * Makes several changes as one: all of them apply or none does, here and on the server. They are made together when
   * `work` ends, so what it reads in between is the state before.
   */
  async group(work: (group: ChannelWriter) => Promise<void>): Promise<void> {
    const { deps } = this.#queue;
    const group = newId(deps.clock.now(), deps.random);
    const changes: NewChange[] = [];
    await work(
      writer(this.id, this.#queue, (change) => {
        changes.push({ ...change, group });
        return Promise.resolve();
      }),
    );
    await enqueue(this.#queue, changes, { withBase: true });
    this.#history.close();
  }

  /**
   * Many changes in one transaction; much faster than one by one. All of them or none, unless `lenient`: then what does
   * not apply is left out and returned.
   */
  async write(changes: ChannelChange[], options: { lenient?: boolean } = {}): Promise<RefusedChange[]> {
    const all = changes.map((change): NewChange => ({ ...change, channel_id: this.id }));
    const refused = await enqueue(this.#queue, all, options);
    this.#history.close();
    return refused;
  }

  #writer(): ChannelWriter {
    return writer(this.id, this.#queue, (change) => this.#history.do(change));
  }
}

/** Turns calls into changes for `submit`. */
function writer(channel_id: Id, { deps }: Queue, submit: (change: NewChange) => Promise<void>): ChannelWriter {
  const table = 'contentnode';
  const make = (id: Id | undefined): Id => id ?? newId(deps.clock.now(), deps.random);
  const grouped = ({ group }: WriteOptions): { group?: string } => (group === undefined ? {} : { group });
  return {
    async create({ target, position, ...obj }, options = {}) {
      const key = make(options.id);
      const place = { ...(target !== undefined && { target }), ...(position !== undefined && { position }) };
      await submit({ type: 'CREATED', table, key, channel_id, obj: obj as JsonObject, ...place, ...grouped(options) });
      return key;
    },
    update: (key, mods, options = {}) => submit({ type: 'UPDATED', table, key, channel_id, mods, ...grouped(options) }),
    move: (key, { target, position = 'last-child' }, options = {}) =>
      submit({ type: 'MOVED', table, key, channel_id, target, position, ...grouped(options) }),
    async copy(from_key, { target, position = 'last-child', mods, excluded }, options = {}) {
      const key = make(options.id);
      const more: Partial<Pick<CopiedChange, 'mods' | 'excluded_descendants'>> = {};
      if (mods) more.mods = mods;
      if (excluded) more.excluded_descendants = excluded;
      await submit({
        type: 'COPIED',
        table,
        key,
        channel_id,
        from_key,
        target,
        position,
        ...more,
        ...grouped(options),
      });
      return key;
    },
    remove: (key, options = {}) => submit({ type: 'DELETED', table, key, channel_id, ...grouped(options) }),
    change: (change) => submit({ ...change, channel_id }),
  };
}
