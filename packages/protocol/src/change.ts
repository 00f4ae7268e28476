import type { Id } from './id.ts';
import type { JsonObject } from './json.ts';
import type { Mods } from './path.ts';
import type { Key } from './row.ts';

export const TYPES = ['CREATED', 'UPDATED', 'MOVED', 'COPIED', 'DELETED', 'PUBLISHED'] as const;
export type ChangeType = (typeof TYPES)[number];

export const POSITIONS = ['first-child', 'last-child', 'left', 'right'] as const;
export type Position = (typeof POSITIONS)[number];

interface Common {
  /** The author's own counter: positive, rising within one client. 0 in a write of REST or of the server itself. */
  rev: number;
  /** A built-in table or one that the application registered. */
  table: string;
  key: Key;
  channel_id: Id;
  /** Changes of one batch with one group apply all or none. */
  group?: string;
}

export interface CreatedChange extends Common {
  type: 'CREATED';
  obj: JsonObject;
  target?: Id;
  position?: Position;
}

export interface UpdatedChange extends Common {
  type: 'UPDATED';
  mods: Mods;
  /** What the author saw, by the paths of `mods`. */
  base?: Mods;
}

export interface MovedChange extends Common {
  type: 'MOVED';
  target: Id;
  position?: Position;
  /** Where the author saw the target: the row goes last in it when the target is gone or elsewhere. */
  parent?: Id;
}

export interface CopiedChange extends Common {
  type: 'COPIED';
  from_key: Id;
  target: Id;
  position?: Position;
  parent?: Id;
  mods?: Mods;
  /** Ids left out together with their subtrees. */
  excluded_descendants?: Id[];
}

export interface DeletedChange extends Common {
  type: 'DELETED';
}

export interface PublishedChange extends Common {
  type: 'PUBLISHED';
}

/** One typed event on one row of one table. */
export type Change = CreatedChange | UpdatedChange | MovedChange | CopiedChange | DeletedChange | PublishedChange;

type WithoutChannel<Kind> = Kind extends unknown
  ? Omit<Kind, 'channel_id' | 'table'> & { table: 'file'; channel_id: null }
  : never;

/** A write to a file that is attached to nothing: it joins no channel's log. */
export type UnattachedChange = WithoutChannel<CreatedChange | UpdatedChange | DeletedChange>;
