import type { ChangeType, Position } from '../change.ts';
import type { Id } from '../id.ts';
import { MAX_JSON_DEPTH, type JsonObject } from '../json.ts';
import type { Mods } from '../path.ts';
import type { Key } from '../row.ts';
import { parseExcluded } from './excluded.ts';
import type { Envelope } from './envelope.ts';
import { parseMods } from './mods.ts';
import { parseObj } from './obj.ts';
import type { Problems } from './problems.ts';
import type { Authority, TableDefinition } from './table/definition.ts';
import { jsonProblem } from './text.ts';

interface About {
  type: ChangeType;
  name: string;
  table: TableDefinition;
  authority: Authority;
  key: Key;
  channel_id: Id | null;
}

/** The fields that a type of change has besides those of all changes. */
export function parseBody(about: About, envelope: Envelope, problems: Problems): object {
  switch (about.type) {
    case 'CREATED':
      return created(about, envelope, problems);
    case 'UPDATED':
      return updated(about, envelope, problems);
    case 'MOVED':
      return place(envelope, problems);
    case 'COPIED':
      return copied(about, envelope, problems);
    case 'DELETED':
    case 'PUBLISHED':
      return {};
  }
}

function created({ name, table, authority, key, channel_id }: About, envelope: Envelope, problems: Problems): object {
  const raw = envelope.object('obj');
  const isBare = raw === null && table.bare === true && envelope.take('obj') === undefined;
  if (raw === null && !isBare) {
    if (!problems.any) problems.missing('obj');
    return {};
  }
  const obj = parseObj(raw ?? {}, table, authority, key, problems);
  table.finish?.(obj, { key, authority }, problems);
  if (name === 'channel' && key !== channel_id)
    problems.invalid('channel_id', 'A new channel joins its own log: its channel_id is its key.');
  return { obj, ...(name === 'contentnode' && createdPlace(obj, envelope, problems)) };
}

/** Where a new node goes: `position` of `target`, which without a target is the parent in `obj`. */
function createdPlace(obj: JsonObject, envelope: Envelope, problems: Problems): object {
  const target = envelope.optionalId('target');
  const position = envelope.position();
  const parent = (obj.parent ?? null) as Id | null;
  if (problems.any) return {};
  if (target === null && parent === null) problems.missing('parent');
  if (target === null) {
    if (position === null) return {};
    if (isBeside(position)) delete obj.parent; // It is the neighbour then, and not the parent.
    return { target: parent, position };
  }
  if (!isBeside(position) && parent !== null && parent !== target)
    problems.invalid('parent', 'The parent in obj is another node than the target that the position is inside of.');
  return { target, ...(position !== null && { position }) };
}

function updated({ table, authority }: About, envelope: Envelope, problems: Problems): object {
  const raw = envelope.object('mods');
  const base = envelope.object('base');
  if (raw === null) {
    if (!problems.any) problems.missing('mods');
    return {};
  }
  const mods = parseMods(raw, table, authority, problems);
  return { mods, ...(base !== null && { base: seen(base, mods, problems) }) };
}

/** What the author saw at the paths of `mods`; at other paths it says nothing about a conflict. */
function seen(base: JsonObject, mods: Mods, problems: Problems): Mods {
  const kept: Mods = {};
  for (const path of Object.keys(mods)) {
    const value = Object.hasOwn(base, path) ? base[path] : undefined;
    if (value === undefined) continue;
    const problem = jsonProblem(value, MAX_JSON_DEPTH);
    if (problem !== null) problems.invalid(`base.${path}`, problem);
    else kept[path] = value;
  }
  return kept;
}

/** Where a moved or copied node goes. `parent` is where the author saw the neighbour. */
function place(envelope: Envelope, problems: Problems): { target?: Id; position?: Position; parent?: Id } {
  const target = envelope.id('target');
  const position = envelope.position();
  const parent = envelope.optionalId('parent');
  if (problems.any || target === null) return {};
  return { target, ...(position !== null && { position }), ...(parent !== null && isBeside(position) && { parent }) };
}

function copied({ table, authority }: About, envelope: Envelope, problems: Problems): object {
  const from_key = envelope.id('from_key');
  const where = place(envelope, problems);
  const raw = envelope.object('mods');
  const excluded = parseExcluded(envelope.take('excluded_descendants'), from_key, problems);
  const mods = raw && parseMods(raw, table, authority, problems);
  return { from_key, ...where, ...(mods && { mods }), ...(excluded && { excluded_descendants: excluded }) };
}

function isBeside(position: Position | null): boolean {
  return position === 'left' || position === 'right';
}
