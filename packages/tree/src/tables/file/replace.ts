import { validateRow, type FileRow, type Mods } from '@cambium/protocol';
import type { Context, Outcome } from '../../outcome.ts';
import type { TreeReader } from '../../reader.ts';
import type { AnyChange } from '../draft.ts';
import { refuse } from '../refuse.ts';
import { checkOwner, followUps, isAttached, settle } from './settle.ts';

/**
 * An existing file with other fields, and so perhaps attached elsewhere.
 *
 * @param mods what the log says when the file stays in its log
 */
export function replaceFile(
  change: AnyChange,
  before: FileRow,
  fields: FileRow,
  mods: Mods,
  context: Context,
  reader: TreeReader,
): Outcome {
  const isMoved = fields.contentnode !== before.contentnode || fields.assessment_item !== before.assessment_item;
  // A file never leaves its channel by being attached: it is detached there first.
  const channel = before.channel_id ?? change.channel_id;
  const after: FileRow = { ...fields, channel_id: isAttached(fields) ? channel : null, modified: context.at };
  if (isMoved) {
    const refused = checkOwner(after, channel, reader);
    if (refused !== undefined) return refused;
  }
  const errors = validateRow('file', after);
  if (errors.length > 0) return { ok: false, errors };
  const isLogged = before.channel_id !== null || after.channel_id !== null;
  if (!isLogged && change.channel_id !== null && context.authority !== 'system') return refuse('not_found', 'key');
  const isAuthored = isMoved || context.authority !== 'system';
  return {
    ok: true,
    entries: [...settle(change, before, after, mods), ...followUps(before, after, isAuthored, reader)],
  };
}
