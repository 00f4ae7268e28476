import { setImmediate } from 'node:timers/promises';
import { statement } from '../database/statement.ts';
import type { CompactWorld } from './channel.ts';

/** Rows of the index looked at, in the reading connection, before others have their turn. */
const PAGE = 2_000;

const GONE = `SELECT s.id AS pk, n.pk IS NULL AS isGone FROM
  (SELECT id FROM search_docsize WHERE id > ? ORDER BY id LIMIT ${PAGE}) AS s LEFT JOIN node n ON n.pk = s.id`;

/** Takes deleted nodes out of the search index. A search never shows them; they only take room. */
export async function sweepSearch({ reader, writer }: CompactWorld): Promise<void> {
  for (let last = 0; ;) {
    const page = statement<[number], { pk: number; isGone: number }>(reader.raw, GONE).all(last);
    const pks = page.filter(({ isGone }) => isGone === 1).map(({ pk }) => pk);
    if (pks.length > 0) await writer.command('search.forget', { pks });
    if (page.length < PAGE) return;
    last = (page.at(-1) as { pk: number }).pk;
    await setImmediate();
  }
}
