import type { Id } from '../id.ts';
import type { JsonObject } from '../json.ts';
import type { AppRow } from '../row.ts';

/** A row of an application's table as snapshots and the application see it: its own fields beside the engine's. */
export type AppRowOnWire = JsonObject & { id: Id; channel_id: Id; created_by: Id; modified: string };

export function appRowToWire({ id, channel_id, created_by, modified, fields }: AppRow): AppRowOnWire {
  return { ...fields, id, channel_id, created_by, modified };
}

export function appRowFromWire(table: string, row: JsonObject): AppRow {
  const { id, channel_id, created_by, modified, ...fields } = row as AppRowOnWire;
  return { id, channel_id, table, created_by, modified, fields };
}
