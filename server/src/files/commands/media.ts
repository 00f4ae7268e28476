import type { Database } from 'better-sqlite3';
import { statement } from '../../database/statement.ts';
import type { MediaFacts } from '../media/facts.ts';

/** Keeps what was found in stored bytes, unless they went meanwhile. */
export function note(db: Database, input: MediaFacts & { sha256: string }): Record<string, never> {
  const { sha256, kind, width, height, duration, thumbhash } = input;
  statement(
    db,
    `INSERT OR REPLACE INTO media(sha256, kind, width, height, duration, thumbhash)
     SELECT @sha256, @kind, @width, @height, @duration, @thumbhash WHERE EXISTS(SELECT 1 FROM blob WHERE sha256 = @sha256)`,
  ).run({ sha256, kind, width, height, duration, thumbhash });
  return {};
}
