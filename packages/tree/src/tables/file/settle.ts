import { presetOf, type EntryDraft, type FileRow, type Id, type JsonObject, type Mods } from '@cambium/protocol';
import type { TreeReader } from '../../reader.ts';
import { followUp } from '../complete.ts';
import { draft, type AnyChange } from '../draft.ts';
import { find } from '../find.ts';
import { isRefused, refuse, type Refused } from '../refuse.ts';

/**
 * A file hangs on a node or on an assessment item, never on both: deleting the one would else tear it from the other.
 * What it hangs on has to be in the channel whose log the file joins.
 */
export function checkOwner(file: FileRow, channel: Id | null, reader: TreeReader): Refused | undefined {
  const { contentnode, assessment_item: item } = file;
  if (contentnode !== null && item !== null) return refuse('invalid_value', 'assessment_item');
  let owner: object = {};
  if (contentnode !== null) owner = find('contentnode', contentnode, channel, reader, 'contentnode');
  if (item !== null) owner = find('assessmentitem', item, channel, reader, 'assessment_item');
  return isRefused(owner) ? owner : undefined;
}

/** The author's mods; attaching a file to something takes it from what it hung on. */
export function moveOwner(row: FileRow, mods: Mods): Mods {
  const { contentnode, assessment_item: item } = mods;
  if (contentnode && item === undefined && row.assessment_item !== null) return { ...mods, assessment_item: null };
  if (item && contentnode === undefined && row.contentnode !== null) return { ...mods, contentnode: null };
  return mods;
}

export function isAttached(file: FileRow): boolean {
  return file.contentnode !== null || file.assessment_item !== null;
}

/**
 * The entries of a file that was `before` and is `after`. A file stands in a channel's log while it is attached there:
 *
 *     before \ after   unattached              in channel C
 *     none             — CREATED               C CREATED
 *     unattached       — UPDATED               C CREATED (the whole row)
 *     in channel C     C DELETED, — CREATED    C UPDATED
 *
 * A dash is an entry without a channel, which only the server's store gets to see.
 */
export function settle(
  change: AnyChange,
  before: FileRow | undefined,
  after: FileRow,
  mods: Mods,
): [EntryDraft, ...EntryDraft[]] {
  const whole: Partial<EntryDraft> = { type: 'CREATED', obj: wholeRow(after), channel_id: after.channel_id };
  if (before === undefined) return [draft(change, whole)];
  if (before.channel_id === after.channel_id) {
    return [draft(change, { type: 'UPDATED', mods, channel_id: after.channel_id })];
  }
  if (before.channel_id === null) return [draft(change, whole)];
  return [draft(change, { type: 'DELETED', channel_id: before.channel_id }), draft(change, whole)];
}

/** Entries of the nodes that get, lose or show another file. */
export function followUps(
  before: FileRow | undefined,
  after: FileRow | undefined,
  isAuthored: boolean,
  reader: TreeReader,
): EntryDraft[] {
  const file = after ?? before;
  if (file === undefined) return [];
  const nodes = new Set([...nodesOf(before, reader), ...nodesOf(after, reader)]);
  const isContent = isAuthored && presetOf(file.preset)?.thumbnail !== true;
  const hanging = { table: 'file', id: file.id, row: after ?? null, isContent } as const;
  return [...nodes].flatMap((id) => followUp(id, hanging, reader));
}

function nodesOf(file: FileRow | undefined, reader: TreeReader): Id[] {
  if (file === undefined) return [];
  const item = file.assessment_item === null ? undefined : reader.row('assessmentitem', file.assessment_item);
  return [file.contentnode, item?.contentnode ?? null].filter((id) => id !== null);
}

function wholeRow(file: FileRow): JsonObject {
  const { id: _id, channel_id: _channel, modified: _modified, ...obj } = file;
  return obj;
}
