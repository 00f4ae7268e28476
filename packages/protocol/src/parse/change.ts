import type { Change, UnattachedChange } from '../change.ts';
import type { ProtocolError } from '../error.ts';
import type { JsonObject } from '../json.ts';
import { parseBody } from './body.ts';
import { Envelope, typeOf } from './envelope.ts';
import { Problems } from './problems.ts';
import type { Authority } from './table/definition.ts';
import { tableNamed } from './table/tables.ts';

export type Parsed<Result> = { ok: true; change: Result; ignored: string[] } | { ok: false; errors: ProtocolError[] };

/**
 * Judges a change as it came from a client by everything that needs no tree: types, ids (normalised), values, what may
 * be written. Fields that do not exist are left out and named in `ignored`.
 *
 * @example
 * parseChange({ rev: 1, type: 2, table: 'contentnode', key, channel_id, mods: { title: 'x', colour: 'red' } })
 * // { ok: true, change: { rev: 1, type: 'UPDATED', …, mods: { title: 'x' } }, ignored: ['colour'] }
 */
export function parseChange(raw: object): Parsed<Change> {
  return parse(raw, 'user', true) as Parsed<Change>;
}

/**
 * Judges a write of REST or of the server itself in the same way. It has no author's counter: its `rev` is 0. A file
 * that is attached to nothing has no channel: there `channel_id` is null.
 */
export function parseWrite(raw: object, authority: Authority): Parsed<Change | UnattachedChange> {
  return parse(raw, authority, false);
}

function parse(raw: object, authority: Authority, numbered: boolean): Parsed<Change | UnattachedChange> {
  const problems = new Problems();
  const envelope = new Envelope(raw as JsonObject, problems);
  const rev = numbered ? envelope.rev() : 0;
  const rawType = envelope.required('type');
  const name = envelope.required('table');
  const table = typeof name === 'string' ? tableNamed(name) : undefined;
  const type = typeOf(rawType);
  if (!table && name !== undefined) problems.add('unknown_table', 'table');
  if (rawType !== undefined && (type === null || (table && !table.types.includes(type))))
    problems.add('unknown_type', 'type');

  const key = table && envelope.key(table.key);
  const mayLackChannel = !numbered && table?.mayLackChannel === true;
  const channel_id = mayLackChannel ? envelope.optionalId('channel_id') : envelope.id('channel_id');
  if (problems.any || !table || !type || !key) return { ok: false, errors: problems.errors };

  const group = envelope.group();
  const body = parseBody({ type, name: name as string, table, authority, key, channel_id }, envelope, problems);
  if (problems.any) return { ok: false, errors: problems.errors };
  if (!numbered) envelope.take('rev');
  envelope.ignoreRest();
  const change = { rev, type, table: name, key, channel_id, ...(group !== null && { group }), ...body };
  return { ok: true, change: change as Change | UnattachedChange, ignored: problems.ignored };
}
