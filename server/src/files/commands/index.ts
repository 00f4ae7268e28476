import type { Database } from 'better-sqlite3';
import type { Commands, CommitRequest, CommitResult } from '../../writer/writer.ts';
import { doom, forget, review } from './blob.ts';
import { note } from './media.ts';
import { storePack } from './pack.ts';
import { reserve } from './reserve.ts';
import { store } from './store.ts';
import { sum } from './sum.ts';
import { advance, declareLength, forgetFile, remove, reset } from './upload.ts';

interface Command<Run extends (tools: never, input: never) => unknown> {
  input: Parameters<Run>[1];
  output: ReturnType<Run>;
}

declare module '../../writer/writer.ts' {
  interface Commands {
    'file.reserve': Command<typeof reserve>;
    'file.store': Command<typeof store>;
    'file.forget': Command<typeof forgetFile>;
    'upload.advance': Command<typeof advance>;
    'upload.length': Command<typeof declareLength>;
    'upload.reset': Command<typeof reset>;
    'upload.remove': Command<typeof remove>;
    'blob.review': Command<typeof review>;
    'blob.sum': Command<typeof sum>;
    'blob.doom': Command<typeof doom>;
    'blob.forget': Command<typeof forget>;
    'pack.store': Command<typeof storePack>;
    'media.note': Command<typeof note>;
  }
}

/** What the writer lends to a command. */
interface Tools {
  db: Database;
  commit: (request: CommitRequest) => CommitResult;
}

type Define = <Name extends keyof Commands>(
  name: Name,
  run: (tools: Tools, input: Commands[Name]['input']) => Commands[Name]['output'],
) => void;

/** The writing half of the file service: named transactions, defined where the writer starts. */
export function defineFileCommands(define: Define): void {
  define('file.reserve', ({ db }, input) => reserve(db, input));
  define('file.store', (tools, input) => store(tools, input));
  define('file.forget', ({ db }, input) => forgetFile(db, input));
  define('upload.advance', ({ db }, input) => advance(db, input));
  define('upload.length', ({ db }, input) => declareLength(db, input));
  define('upload.reset', ({ db }, input) => reset(db, input));
  define('upload.remove', ({ db }, input) => remove(db, input));
  define('blob.review', ({ db }, input) => review(db, input));
  define('blob.sum', (tools, input) => sum(tools, input));
  define('blob.doom', ({ db }, input) => doom(db, input));
  define('blob.forget', ({ db }, input) => forget(db, input));
  define('pack.store', (tools, input) => storePack(tools, input));
  define('media.note', ({ db }, input) => note(db, input));
}
