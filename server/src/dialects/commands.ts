import type { Database } from 'better-sqlite3';
import { statement } from '../database/statement.ts';
import type { Commands } from '../writer/writer.ts';
import { addConsumer, pointAsset, removeConsumer } from './learnosity/commands.ts';
import { addItem, editFile, editItem, removeItem } from './omeka/commands.ts';

interface Command<Run extends (db: Database, input: never) => unknown> {
  input: Parameters<Run>[1];
  output: ReturnType<Run>;
}

declare module '../writer/writer.ts' {
  interface Commands {
    'facts.describe': Command<typeof describeFile>;
    'facts.content': Command<typeof noteContent>;
    'omeka.item.add': Command<typeof addItem>;
    'omeka.item.edit': Command<typeof editItem>;
    'omeka.item.remove': Command<typeof removeItem>;
    'omeka.file.edit': Command<typeof editFile>;
    'learnosity.consumer.add': Command<typeof addConsumer>;
    'learnosity.consumer.remove': Command<typeof removeConsumer>;
    'learnosity.asset.point': Command<typeof pointAsset>;
  }
}

type Define = <Name extends keyof Commands>(
  name: Name,
  run: (tools: { db: Database }, input: Commands[Name]['input']) => Commands[Name]['output'],
) => void;

/** The writing half of the dialects: named transactions, defined where the writer starts. */
export function defineDialectCommands(define: Define): void {
  define('facts.describe', ({ db }, input) => describeFile(db, input));
  define('facts.content', ({ db }, input) => noteContent(db, input));
  define('omeka.item.add', ({ db }, input) => addItem(db, input));
  define('omeka.item.edit', ({ db }, input) => editItem(db, input));
  define('omeka.item.remove', ({ db }, input) => removeItem(db, input));
  define('omeka.file.edit', ({ db }, input) => editFile(db, input));
  define('learnosity.consumer.add', ({ db }, input) => addConsumer(db, input));
  define('learnosity.consumer.remove', ({ db }, input) => removeConsumer(db, input));
  define('learnosity.asset.point', ({ db }, input) => pointAsset(db, input));
}

/** How ClassQuiz calls a file, in place of what it was called before. */
function describeFile(
  db: Database,
  input: { file: string; alt_text: string | null; shown_name: string | null },
): Record<string, never> {
  statement(db, `UPDATE file_facts SET alt_text = @alt_text, shown_name = @shown_name WHERE file = @file`).run(input);
  return {};
}

export interface ContentFacts {
  sha256: string;
  xxh3?: string;
  mime?: string;
  type_os?: string;
  /** JSON text. */
  metadata?: string;
}

/** What was found in stored bytes; what is not named stays as it is. */
function noteContent(db: Database, facts: ContentFacts): Record<string, never> {
  const { sha256, xxh3 = null, mime = null, type_os = null, metadata = null } = facts;
  statement(
    db,
    `INSERT INTO content_facts(sha256, xxh3, mime, type_os, metadata)
     VALUES(@sha256, @xxh3, @mime, @type_os, @metadata)
     ON CONFLICT(sha256) DO UPDATE SET xxh3 = coalesce(excluded.xxh3, xxh3), mime = coalesce(excluded.mime, mime),
       type_os = coalesce(excluded.type_os, type_os), metadata = coalesce(excluded.metadata, metadata)`,
  ).run({ sha256, xxh3, mime, type_os, metadata });
  return {};
}
