import type { ChangeResult, Id, LogEntry, ProtocolError } from '@cambium/protocol';
import { getMeta, setMeta } from '../database/meta.ts';
import type { ConflictRecord, CursorRecord, PendingRecord } from '../database/records.ts';
import { type Queue, transactQueue } from '../database/queue.ts';
import { confirm, type OwnEntry } from './confirm.ts';
import { completeEntry } from './own-entry.ts';
import { rebase } from './rebase.ts';

/** One answer of the server, with everything in it that had to be fetched besides. */
export interface Incoming {
  /** Under which client_id the results were asked for. */
  client_id: Id;
  results: ChangeResult[];
  entries: LogEntry[];
}

/** What became of the pending changes that leave the queue. */
interface Leaving {
  /** Judged and in base, or about to be. */
  applied: PendingRecord[];
  refused: { record: PendingRecord; status: 'rejected' | 'disallowed'; errors: ProtocolError[] }[];
}

/**
 * Takes an answer in, in one transaction: verdicts are noted, entries go to base, own changes that base now contains
 * leave the queue, what is left is put on top again, and the cursors move. Cut off before its end it has done nothing.
 *
 * Entries that base has already are skipped; a page that does not join on is left out, and cursors never go back.
 *
 * @returns how many entries and verdicts were new
 */
export function absorb(outer: Queue, incoming: Incoming): Promise<number> {
  return transactQueue(outer, async (queue) => {
    if ((await getMeta(queue.db, 'client_id')) !== incoming.client_id) return 0;
    const judged = await noteVerdicts(queue, incoming);
    const pages = await newEntries(queue, incoming.entries);
    const channels = new Set([...pages.keys(), ...judged.channels]);
    for (const channel of channels)
      await absorbChannel(queue, incoming.client_id, channel, pages.get(channel) ?? [], judged);
    await noteAnswer(queue, incoming.results);
    return judged.count + [...pages.values()].reduce((sum, page) => sum + page.length, 0);
  });
}

interface Judged extends Leaving {
  channels: Set<Id>;
  count: number;
}

async function noteVerdicts(queue: Queue, { client_id, results }: Incoming): Promise<Judged> {
  const judged: Judged = { applied: [], refused: [], channels: new Set(), count: 0 };
  const records = await queue.db.pending.bulkGet(results.map(({ rev }) => rev));
  const marked: PendingRecord[] = [];
  const cursors = await cursorsOf(queue);
  for (const [index, result] of results.entries()) {
    const record = records[index];
    if (!record || result.status === 'failed') continue;
    judged.count += 1;
    if (result.status === 'acknowledged') judged.applied.push(record);
    else if (result.status !== 'applied') judged.refused.push({ record, status: result.status, errors: result.errors });
    else {
      record.state = 'applied';
      record.server_rev = result.server_rev;
      if (result.conflicts) record.conflicts = result.conflicts;
      marked.push(record);
      const cursor = cursors.get(record.channel_id);
      // Of a channel that is not followed nothing more will be heard.
      if (!cursor || (cursor.snapshot === null && cursor.rev >= result.server_rev)) judged.applied.push(record);
    }
  }
  if (marked.length > 0) await queue.db.pending.bulkPut(marked);
  await noteConflicts(queue, client_id, marked);
  for (const record of [...judged.applied, ...judged.refused.map((refused) => refused.record)]) {
    judged.channels.add(record.channel_id);
  }
  return judged;
}

async function noteConflicts({ db, deps }: Queue, client_id: Id, records: readonly PendingRecord[]): Promise<void> {
  const at = deps.clock.now();
  const found = records.flatMap(({ rev, channel_id, change, conflicts }): ConflictRecord[] =>
    conflicts ? [{ client_id, rev, channel_id, table: change.table, key: change['key'] as Id, conflicts, at }] : [],
  );
  if (found.length > 0) await db.conflict.bulkPut(found);
}

/** Entries by channel that follow its cursor without a gap. */
async function newEntries(queue: Queue, entries: readonly LogEntry[]): Promise<Map<Id, LogEntry[]>> {
  const cursors = await cursorsOf(queue);
  const heads = new Map<Id, number>();
  const pages = new Map<Id, LogEntry[]>();
  for (const entry of entries) {
    const cursor = cursors.get(entry.channel_id);
    if (!cursor || cursor.snapshot !== null) continue;
    const head = heads.get(entry.channel_id) ?? cursor.rev;
    if (entry.server_rev !== head + 1) continue;
    heads.set(entry.channel_id, entry.server_rev);
    const page = pages.get(entry.channel_id);
    if (page) page.push(entry);
    else pages.set(entry.channel_id, [entry]);
  }
  return pages;
}

async function cursorsOf({ db }: Queue): Promise<Map<Id, CursorRecord>> {
  return new Map((await db.cursor.toArray()).map((cursor) => [cursor.channel_id, cursor]));
}

async function absorbChannel(queue: Queue, client: Id, channel: Id, page: LogEntry[], judged: Judged): Promise<void> {
  const { db } = queue;
  const own = await ownRecords(queue, client, page);
  const entries = page.map((entry) => completeEntry(entry, own.get(entry)));
  const here = ({ channel_id }: PendingRecord) => channel_id === channel;
  const refused = judged.refused.filter(({ record }) => here(record));
  const early = judged.applied.filter(here);
  const leaving = new Map(
    [...own.values(), ...early, ...refused.map(({ record }) => record)].map((record) => [record.rev, record]),
  );

  const untroubled = refused.length === 0 && early.length === 0;
  if (!untroubled || !(await confirmLeading(queue, channel, entries, page, own))) {
    await rebase(queue, channel, entries, new Set(leaving.keys()));
  }
  await db.pending.bulkDelete([...leaving.keys()]);
  await keepApplied(queue, client, [...own.values(), ...early], page, own);
  await keepRefused(queue, client, refused);
  const last = entries.at(-1);
  if (last) await db.cursor.update(channel, { rev: last.server_rev });
}

async function ownRecords(queue: Queue, client: Id, page: readonly LogEntry[]): Promise<Map<LogEntry, PendingRecord>> {
  const mine = page.filter(({ client_id, rev }) => client_id === client && rev !== null);
  const records = await queue.db.pending.bulkGet(mine.map(({ rev }) => rev as number));
  const own = new Map<LogEntry, PendingRecord>();
  for (const [index, entry] of mine.entries()) {
    const record = records[index];
    if (record) own.set(entry, record);
  }
  return own;
}

/** The short way, if the page is nothing but what was predicted of the oldest pending changes. */
async function confirmLeading(
  queue: Queue,
  channel: Id,
  entries: LogEntry[],
  page: LogEntry[],
  own: Map<LogEntry, PendingRecord>,
): Promise<boolean> {
  const steps: OwnEntry[] = [];
  let last = 0;
  for (const [index, entry] of entries.entries()) {
    const record = own.get(page[index] as LogEntry) ?? (entry.rev === null ? steps.at(-1)?.record : undefined);
    if (!record || record.rev < last) return false;
    last = record.rev;
    steps.push({ entry, record });
  }
  const leading = await queue.db.pending
    .where('[channel_id+rev]')
    .between([channel, 0], [channel, last], true, true)
    .count();
  return leading === own.size && confirm(queue.db, steps);
}

async function keepApplied(
  queue: Queue,
  client: Id,
  records: PendingRecord[],
  page: LogEntry[],
  own: Map<LogEntry, PendingRecord>,
): Promise<void> {
  if (records.length === 0) return;
  const revs = new Map(page.map((entry) => [own.get(entry), entry.server_rev]));
  const at = queue.deps.clock.now();
  await queue.db.applied.bulkPut(
    records.map((record) => ({
      client_id: client,
      rev: record.rev,
      channel_id: record.channel_id,
      server_rev: revs.get(record) ?? record.server_rev ?? null,
      change: record.change,
      ...(record.conflicts && { conflicts: record.conflicts }),
      at,
    })),
  );
}

async function keepRefused(queue: Queue, client: Id, refused: Judged['refused']): Promise<void> {
  if (refused.length === 0) return;
  const at = queue.deps.clock.now();
  await queue.db.rescue.bulkPut(
    refused.map(({ record, status, errors }) => ({
      rev: record.rev,
      client_id: client,
      channel_id: record.channel_id,
      ...(record.group !== undefined && { group: record.group }),
      change: record.change,
      status,
      errors,
      at,
    })),
  );
}

async function noteAnswer(queue: Queue, results: readonly ChangeResult[]): Promise<void> {
  const answered = results.filter(({ status }) => status !== 'failed').map(({ rev }) => rev);
  if (answered.length === 0) return;
  const highest = Math.max((await getMeta(queue.db, 'answered')) ?? 0, answered.at(-1) as number);
  await setMeta(queue.db, 'answered', highest);
  await setMeta(queue.db, 'last_ack_at', queue.deps.clock.now());
  const blocked = await getMeta(queue.db, 'blocked_by');
  if (blocked !== undefined && answered.includes(blocked)) await setMeta(queue.db, 'blocked_by', undefined);
}
