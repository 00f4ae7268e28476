import { type Id, TABLES } from '@cambium/protocol';
import { type ClientDatabase, rowTable } from '../database/open.ts';

/** Removes every row of a channel but the channel's own. Inside a transaction. */
export async function clearChannel(db: ClientDatabase, channel: Id): Promise<void> {
  for (const table of TABLES) {
    if (table !== 'channel') await rowTable(db, table).where('channel_id').equals(channel).delete();
  }
}
