import { keyText, storedTable, type Change, type ProtocolError, type UnattachedChange } from '@cambium/protocol';
import { applyChange, applyEntry, type Outcome } from '@cambium/tree';
import { withTheirRevs } from './conflict.ts';
import type { PlacedDraft, Stamp } from './log.ts';
import type { Sender, Work } from './work.ts';

/** A change that took effect: its entries, and what its result says besides. */
export interface Applied {
  ok: true;
  /** As JSON text. Empty for a file that hangs on nothing: no channel's log tells of it. */
  entries: string[];
  server_rev: number;
  /** Members of the result as JSON text, each with a comma before it; mostly nothing. */
  extras: string;
}

type AnyChange = Change | UnattachedChange;
type Draft = Extract<Outcome, { ok: true }>['entries'][number];

export type Judged = Applied | { ok: false; errors: ProtocolError[] };

/**
 * One parsed change of an author who may make it: judged by the reducer, put into the log, and carried out by the same
 * function that every reader of the log runs.
 */
export function applyOne(work: Work, change: AnyChange, sender: Sender, ignored: string[]): Judged {
  const { store, log } = work;
  const { author, authority } = sender;
  const at = work.now();
  store.setAuthor(author);
  const outcome = applyChange(change, { at, user: author.id, authority }, store, ignored);
  if (!outcome.ok) return outcome;

  // Of the row before the change; only conflicts ask.
  const prev = outcome.conflicts ? store.revOf(change.table, change.key) : 0;
  const entries: string[] = [];
  let first = 0;
  let stamp: Stamp = { client_id: sender.client_id, rev: sender.rev, user_id: author.id };
  for (const draft of outcome.entries) {
    const before = historyOf(work, draft);
    const channel = draft.channel_id;
    // A channel has its counter only once its first entry has made it: the effects come first, under the next rev.
    const rev = channel === null ? 0 : store.channels.head(channel) + 1;
    const entry = Object.assign(draft, { at });
    store.apply(applyEntry(entry, store), { table: draft.table, key: keyText(draft.key), channel, rev });
    if (draft.table === 'channel' && draft.type === 'CREATED') store.members.addOwner(draft.key as string, author);
    if (channel !== null) {
      entries.push(log.append(entry as PlacedDraft, stamp, before));
      first ||= rev;
    }
    // What follows was made by the change, not sent: it has no number of the author's.
    stamp = { client_id: null, rev: null, user_id: author.id };
  }
  const server_rev = first || headOf(work, change);
  return { ok: true, entries, server_rev, extras: extrasOf(work, change, outcome, prev) };
}

/** The last rev of the row that the entry is about; a row that comes from another log has no history in this one. */
function historyOf(work: Work, draft: Draft): number {
  const row = work.store.row(storedTable(draft.table), draft.key);
  if (!row) return 0;
  const channel = 'channel_id' in row ? row.channel_id : draft.channel_id;
  return channel === draft.channel_id ? work.store.revOf(draft.table, draft.key) : 0;
}

function headOf(work: Work, change: AnyChange): number {
  return change.channel_id === null ? 0 : work.store.channels.head(change.channel_id);
}

function extrasOf(work: Work, change: AnyChange, outcome: Extract<Outcome, { ok: true }>, prev: number): string {
  const { conflicts, adjusted, ignored } = outcome;
  let text = '';
  if (conflicts && conflicts.length > 0 && change.channel_id !== null) {
    text += `,"conflicts":${JSON.stringify(withTheirRevs(work.log, change.channel_id, prev, conflicts))}`;
  }
  if (adjusted && adjusted.length > 0) text += `,"adjusted":${JSON.stringify(adjusted)}`;
  if (ignored && ignored.length > 0) text += `,"ignored":${JSON.stringify(ignored)}`;
  return text;
}
