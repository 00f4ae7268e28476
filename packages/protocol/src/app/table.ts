import type { ChangeType } from '../change.ts';
import type { Id } from '../id.ts';
import type { JsonObject } from '../json.ts';
import type { Mods } from '../path.ts';
import type { AppRow } from '../row.ts';
import type { Role } from '../sync.ts';

/** What checks and normalises the fields of a row. A Zod object schema is one. */
export interface AppSchema {
  safeParse(
    fields: unknown,
  ):
    | { success: true; data: object }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

/** Who asks, and for what. `row` is the row as it is; undefined for one that is to be made, or is gone. */
export interface AppAttempt {
  role: Role;
  user: Id;
  type: ChangeType;
  row: Readonly<AppRow> | undefined;
}

/**
 * A table that an application adds to the engine: its rows belong to a channel, join its log and its snapshots, and are
 * edited offline like all others. Server and clients register the same definition.
 *
 * All three functions are pure: no clock, no random, no I/O. Whatever they answer must not depend on the machine.
 */
export interface AppTable {
  /** How changes, log and snapshot call it: lower-case letters, digits and `_`, a letter first. */
  readonly name: string;
  /** Judges all fields of a row as a change leaves them. */
  readonly schema: AppSchema;
  /** May this be done? Asked by the server, of members of the channel only. By default editors and owners may. */
  readonly may?: (attempt: AppAttempt) => boolean;
  /** The fields after an UPDATED. By default each path gets its new value, and null unsets. */
  readonly merge?: (fields: JsonObject, mods: Mods) => JsonObject;
}

/** Helps an editor to complete; changes nothing. */
export function defineTable(table: AppTable): AppTable {
  return table;
}
