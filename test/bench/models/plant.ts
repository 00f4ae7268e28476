import type { Id } from '@cambium/protocol';
import { migrate, openDatabase } from '@cambium/server/database';
import { apply, Author, CHANNEL, rowOf } from '../tree/author.ts';
import { runBatch } from '../tree/measure.ts';

/** A course of so many nodes in a file, and the ids that operations are about. */
export interface Planted {
  sections: readonly Id[];
  topics: readonly Id[];
  leaves: readonly Id[];
}

/** Sections of 990 nodes: 30 topics with 32 leaves each. */
export async function plant(path: string, nodes: number): Promise<Planted> {
  const connection = openDatabase(path, { synchronous: 'NORMAL' });
  const { raw } = connection;
  await migrate(connection.db);
  raw.prepare(`INSERT INTO channel(pk, id, name, fields) VALUES (1, ?, 'bench', '{}')`).run(CHANNEL);
  const author = new Author(7);
  const ops = author.course(nodes - 1);
  runBatch(raw, (batch) => {
    batch.insert(rowOf(CHANNEL, null, 'topic'), null, 1);
    apply(batch, ops);
  });
  raw.pragma('wal_checkpoint(TRUNCATE)');
  connection.close();
  const sections = ops.flatMap((op) => (op.op === 'insert' && op.parent === CHANNEL ? [op.row.id] : []));
  return { sections, topics: author.topics, leaves: author.leaves };
}
