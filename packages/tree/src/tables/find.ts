import type { Id, Key, Rows, Table } from '@cambium/protocol';
import type { TreeReader } from '../reader.ts';
import { refuse, type Refused } from './refuse.ts';

type OwnedTable = Exclude<Table, 'channel'>;

/**
 * A row that a change names and that has to be in the change's channel. A row of a channel that the author may not view
 * does not exist for him.
 *
 * @param field what the refusal names: the field of the change that holds the key
 */
export function find<T extends OwnedTable>(
  table: T,
  key: Key,
  channel: Id | null,
  reader: TreeReader,
  field: string,
): Readonly<Rows[T]> | Refused {
  const row = reader.row(table, key);
  if (row === undefined) return refuse('not_found', field);
  const at = (row as { channel_id: Id | null }).channel_id;
  if (at === channel) return row;
  return at !== null && reader.mayView(at) ? refuse('cross_channel', field) : refuse('not_found', field);
}

/** Like `find`, for a DELETED: what is gone, or does not exist for the author, is deleted already. */
export function findOrGone<T extends OwnedTable>(
  table: T,
  key: Key,
  channel: Id | null,
  reader: TreeReader,
): Readonly<Rows[T]> | Refused | undefined {
  const row = find(table, key, channel, reader, 'key');
  return 'errors' in row && row.errors[0]?.code === 'not_found' ? undefined : row;
}
