import { appTable, type Change, type Id, type UnattachedChange } from '@cambium/protocol';
import type { Author } from '../tables/member.ts';
import { endsChannel, makesChannel } from './incoming.ts';
import type { BatchStore } from './store.ts';

/**
 * May the author change that channel at all, as far as a change tells before it is parsed? Unknown channels and foreign
 * ones are answered alike.
 */
export function mayTry({ members }: BatchStore, raw: Record<string, unknown>, channel: Id, author: Author): boolean {
  if (makesChannel(raw, channel)) return true;
  if (endsChannel(raw)) return members.mayDelete(channel, author);
  // Members with any role may be given rights on an application's table.
  const isApps = typeof raw['table'] === 'string' && appTable(raw['table']) !== undefined;
  return isApps ? members.mayView(channel, author) : members.mayEdit(channel, author);
}

/** May the author make this very change? An application decides for its own tables. */
export function mayMake(store: BatchStore, change: Change | UnattachedChange, author: Author): boolean {
  const table = appTable(change.table);
  if (!table || change.channel_id === null) return true;
  const role = store.members.roleOf(change.channel_id, author);
  if (role === null) return false;
  if (!table.may) return role !== 'viewer';
  const row = store.row('app_row', change.key);
  const own = row?.table === change.table && row.channel_id === change.channel_id ? row : undefined;
  return table.may({ role, user: author.id, type: change.type, row: own });
}
