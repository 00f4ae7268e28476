import {
  applyMods,
  fieldOf,
  type Id,
  isEqualJson,
  type JsonObject,
  type Mods,
  normalizeId,
  splitPath,
} from '@cambium/protocol';
import type { PendingRecord, RawChange } from '../database/records.ts';
import { idsNamed, isTable } from '../replica/names.ts';
import { predict } from '../replica/predict.ts';
import { rollback } from '../replica/rollback.ts';
import { drive, need } from '../replica/steps.ts';
import { Workspace } from '../replica/workspace.ts';
import { noteAuthorsView } from './authors-view.ts';
import type { Queue } from '../database/queue.ts';

/** Changes that may lie between two that are squashed: what comes after the first has to be predicted anew. */
const REACH = 200;

/** What two changes of one row become: one change at the place of either, or nothing at all. */
type Squashed = { at: 'earlier' | 'later'; change: RawChange } | { at: 'nowhere' };

/**
 * Folds a new change into an earlier one of the same row that was never sent, where the tree comes out the same.
 *
 *     UPDATED + UPDATED  →  UPDATED, in the later one's place, with the earlier one's base
 *     CREATED + UPDATED  →  CREATED, in its own place
 *     MOVED   + MOVED    →  the later one
 *     UPDATED + DELETED  →  DELETED
 *     CREATED + DELETED  →  nothing
 *
 * Whatever lies between must neither name the row nor move, copy or delete an ancestor of it.
 *
 * It counts as waiting since the earlier one was made.
 *
 * @returns whether it was done; if not, nothing has happened
 */
export async function squash(queue: Queue, later: PendingRecord, options: { withBase?: boolean }): Promise<boolean> {
  // What two updates of an application's row come to is for its merge rule to say.
  if (later.group !== undefined || later.change.table === 'channel' || !isTable(later.change.table)) return false;
  const earlier = await findEarlier(queue, later);
  if (!earlier) return false;
  const after = await queue.db.pending
    .where('rev')
    .above(earlier.rev)
    .limit(REACH + 1)
    .toArray();
  const between = after.filter(({ channel_id }) => channel_id === later.channel_id);
  if (after.length > REACH || !(await isFree(queue, later, earlier, between))) return false;

  const workspace = new Workspace(queue.db);
  if (options.withBase === true) await noteBase(later, workspace);
  const squashed = fold(earlier.change, later.change);
  if (!squashed) return false;
  await rollback(
    [earlier, ...between].map(({ rev }) => rev),
    workspace,
  );
  const replaced = squashed.at === 'earlier' ? [{ ...earlier, change: { ...squashed.change, rev: earlier.rev } }] : [];
  const appended =
    squashed.at === 'later'
      ? [{ ...later, change: { ...squashed.change, rev: later.rev }, created_at: earlier.created_at }]
      : [];
  const again = [...replaced, ...between, ...appended];
  const hadTrouble = new Set(between.filter(({ noop }) => noop).map(({ rev }) => rev));
  const changed = await predict(again, queue.user, workspace);
  // Where folding would make anything fail, the two stay apart.
  if (again.some(({ rev, noop }) => noop !== undefined && !hadTrouble.has(rev))) return false;

  await workspace.flush();
  await queue.db.pending.delete(earlier.rev);
  await queue.db.pending.bulkPut([...new Set([...replaced, ...changed, ...appended])]);
  return true;
}

/** The last change of the row, if it may still be touched. */
async function findEarlier(queue: Queue, later: PendingRecord): Promise<PendingRecord | null> {
  const [earlier] = (await queue.db.pending.where('row').equals(later.row).sortBy('rev')).reverse();
  if (!earlier || earlier.state !== 'queued' || earlier.group !== undefined || earlier.noop) return null;
  const loading = (await queue.db.cursor.get(later.channel_id))?.snapshot === 'loading';
  return loading || earlier.channel_id !== later.channel_id ? null : earlier;
}

async function isFree(
  queue: Queue,
  later: PendingRecord,
  earlier: PendingRecord,
  between: PendingRecord[],
): Promise<boolean> {
  if (between.length === 0) return true;
  const key = later.change['key'];
  const own = new Set([key].flat() as Id[]);
  const names = ({ change }: PendingRecord) => idsNamed(change).some((id) => own.has(id));
  if (between.some((record) => names(record) || record.change.table === 'channel')) return false;
  const shapes = between.filter(
    ({ change }) => change.table === 'contentnode' && ['MOVED', 'COPIED', 'DELETED'].includes(change.type),
  );
  if (shapes.length === 0) return true;
  // A move that is left out, or a row that is no node: its ancestors are not those of now alone.
  if (later.change.table !== 'contentnode' || earlier.change.type === 'MOVED') return false;
  const workspace = new Workspace(queue.db);
  const ancestors = new Set(
    await drive(
      need(() =>
        workspace.stored('contentnode', later.change['key'] as Id) ? workspace.path(later.change['key'] as Id) : [],
      ),
    ),
  );
  return !shapes.some(({ change }) => ancestors.has(change['key'] as Id) || ancestors.has(change['from_key'] as Id));
}

async function noteBase(later: PendingRecord, workspace: Workspace): Promise<void> {
  await drive(need(() => noteAuthorsView(later, true, workspace)));
}

function fold(earlier: RawChange, later: RawChange): Squashed | null {
  switch (`${earlier.type} ${later.type}`) {
    case 'UPDATED UPDATED':
      return leavesTraces(earlier, later) ? null : { at: 'later', change: foldUpdates(earlier, later) };
    case 'CREATED UPDATED':
      return foldIntoCreate(earlier, later);
    case 'MOVED MOVED':
      // Beside itself means where it is, which is where the earlier one has put it.
      return normalizeId(later['target']) === later['key'] ? null : { at: 'later', change: later };
    case 'UPDATED DELETED':
      return { at: 'later', change: later };
    case 'CREATED DELETED':
      return { at: 'nowhere' };
    default:
      return null;
  }
}

/**
 * A deep path that is set makes the objects on its way, and they stay when it is unset again: that takes two changes.
 */
function leavesTraces(earlier: RawChange, later: RawChange): boolean {
  const first = earlier['mods'] as Mods;
  return Object.entries(later['mods'] as Mods).some(
    ([path, value]) => value === null && splitPath(path).length > 2 && Object.hasOwn(first, path),
  );
}

/** The mods of both in their order; of what the authors saw, what the first one saw. */
function foldUpdates(earlier: RawChange, later: RawChange): RawChange {
  const first = earlier['mods'] as Mods;
  const second = later['mods'] as Mods;
  // A path that is set again goes to the end: mods are applied in the order in which they are written.
  const kept = Object.entries(first).filter(([path]) => !Object.hasOwn(second, path));
  const mods = Object.fromEntries([...kept, ...Object.entries(second)]);
  // What the later author saw in a field that the earlier change had written was never the server's.
  const written = new Set(Object.keys(first).map(fieldOf));
  const seen = Object.entries((later['base'] ?? {}) as Mods).filter(([path]) => !written.has(fieldOf(path)));
  const all = { ...Object.fromEntries(seen), ...(earlier['base'] as Mods | undefined) };
  const base = Object.fromEntries(Object.entries(all).filter(([path]) => Object.hasOwn(mods, path)));
  const { base: _base, ...rest } = later;
  return { ...rest, mods, ...(Object.keys(base).length > 0 && { base }) } as RawChange;
}

function foldIntoCreate(earlier: RawChange, later: RawChange): Squashed | null {
  const obj = earlier['obj'] as JsonObject;
  const mods = later['mods'] as Mods;
  // Judged by the server alone, or with another meaning in an `obj`: not worth a special case.
  if (Object.keys(mods).some((path) => fieldOf(path) === 'complete')) return null;
  const folded = { ...obj, ...applyMods(obj, mods) };
  if (isEqualJson(folded, obj)) return { at: 'earlier', change: earlier };
  return { at: 'earlier', change: { ...earlier, obj: folded } };
}
