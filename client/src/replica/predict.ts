import { type EntryDraft, type Id, isEqualJson, parseChange, type ProtocolError } from '@cambium/protocol';
import { applyChange, applyEntry, type Context } from '@cambium/tree';
import type { PendingRecord } from '../database/records.ts';
import type { StoredRow } from '../database/rows.ts';
import { applyEffects } from './effects.ts';
import { namedIds } from './names.ts';
import { drive, need, type Steps } from './steps.ts';
import { before } from './undo-log.ts';
import type { Workspace } from './workspace.ts';

/**
 * Puts pending changes on top of what the workspace shows, in their order, each noting what it touches. One that does
 * not apply (any more) becomes a no-op prediction with the reason; it stays in the queue and stops none of the others.
 * The members of a group apply all or none.
 *
 * `prepare` sees each record when everything before it is in place; it may be called more than once.
 *
 * Changes the records: `predicted` and `noop` say what became of each. Returns those of which that is new.
 */
export async function predict(
  records: PendingRecord[],
  user: Id,
  workspace: Workspace,
  prepare?: (record: PendingRecord) => void,
): Promise<PendingRecord[]> {
  const named = namedIds(records.map(({ change }) => change));
  for (const [table, keys] of named) await workspace.load(table, keys);
  return drive(predictAll(records, user, workspace, prepare));
}

function* predictAll(
  records: PendingRecord[],
  user: Id,
  workspace: Workspace,
  prepare: ((record: PendingRecord) => void) | undefined,
): Steps<PendingRecord[]> {
  const changed: PendingRecord[] = [];
  for (const unit of unitsOf(records)) {
    const old = unit.map(({ predicted, noop }) => ({ predicted, noop }));
    yield* predictUnit(unit, user, workspace, prepare);
    for (const [index, record] of unit.entries()) {
      if (!isEqualJson(old[index], { predicted: record.predicted, noop: record.noop })) changed.push(record);
    }
  }
  return changed;
}

function* predictUnit(
  unit: PendingRecord[],
  user: Id,
  workspace: Workspace,
  prepare: ((record: PendingRecord) => void) | undefined,
): Steps<void> {
  for (const record of unit) forgetPrediction(record);
  for (const record of unit) {
    if (prepare) yield* need(() => prepare(record));
    const errors = yield* predictOne(record, user, workspace);
    if (!errors) continue;
    yield* takeBack(unit, workspace);
    for (const member of unit) {
      forgetPrediction(member);
      member.noop = errors;
    }
    return;
  }
}

function forgetPrediction(record: PendingRecord): void {
  delete record.predicted;
  delete record.noop;
}

/** Returns why it does not apply, or null. */
function* predictOne(record: PendingRecord, user: Id, workspace: Workspace): Steps<ProtocolError[] | null> {
  const parsed = parseChange(record.change);
  if (!parsed.ok) return parsed.errors;
  const context: Context = { at: new Date(record.created_at).toISOString(), user, authority: 'prediction' };
  const outcome = yield* need(() => applyChange(parsed.change, context, workspace));
  if (!outcome.ok) return outcome.errors;
  const { parent, after } = outcome.entries[0];
  record.predicted = { ...(parent !== undefined && { parent }), ...(after !== undefined && { after }) };
  workspace.undo.begin(record.rev);
  for (const entry of outcome.entries) yield* applyDraft(entry, context.at, workspace);
  workspace.undo.end();
  return null;
}

export function* applyDraft(entry: EntryDraft, at: string, workspace: Workspace): Steps<void> {
  const effects = yield* need(() => applyEntry({ ...entry, at }, workspace));
  yield* applyEffects(effects, workspace);
}

/** Undoes what the members of a group have done so far. */
function* takeBack(unit: PendingRecord[], workspace: Workspace): Steps<void> {
  const records = workspace.undo.forget(new Set(unit.map(({ rev }) => rev)));
  for (const record of records.reverse()) {
    for (const image of record.images.toReversed()) {
      const now = yield* need(() => workspace.stored(image.table, image.key) as StoredRow | undefined);
      workspace.set(image.table, image.key, before(image, now));
    }
  }
}

/** Changes of one group together, at the place of its first. */
function unitsOf(records: PendingRecord[]): PendingRecord[][] {
  const units: PendingRecord[][] = [];
  const groups = new Map<string, PendingRecord[]>();
  for (const record of records) {
    const open = record.group === undefined ? undefined : groups.get(record.group);
    if (open) {
      open.push(record);
      continue;
    }
    const unit = [record];
    units.push(unit);
    if (record.group !== undefined) groups.set(record.group, unit);
  }
  return units;
}
