import { presetOf, type EntryDraft, type FileRow, type Id, type JsonObject, type Mods } from '@cambium/protocol';
import type { TreeReader } from '../../reader.ts';
import { followUp } from '../complete.ts';
import { draft, type AnyChange } from '../draft.ts';
import { find } from '../find.ts';
import { isRefused, type Refused } from '../refuse.ts';

/** What a file hangs on has to be in the channel whose log the file joins. */
export function checkOwners(file: FileRow, channel: Id | null, reader: TreeReader): Refused | undefined {
  const owners = [
    file.contentnode === null ? undefined : find('contentnode', file.contentnode, channel, reader, 'contentnode'),
    file.assessment_item === null
      ? undefined
      : find('assessmentitem', file.assessment_item, channel, reader, 'assessment_item'),
  ];
  return owners.find((owner) => owner !== undefined && isRefused(owner)) as Refused | undefined;
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
