import { statement } from '../database/statement.ts';
import { followLog } from '../sync/searchIndex.ts';
import { defineCommand } from './command.ts';

declare module './writer.ts' {
  interface Commands {
    /** Brings the search index of a channel (pk) further along its log (`followLog`); false when it has all of it. */
    'search.follow': { input: { channel: number; most: number }; output: boolean };
    /** Takes what is no node any more out of the index: pks, looked at once more here. Returns how many went. */
    'search.forget': { input: { pks: number[] }; output: number };
  }
}

const FORGET = `DELETE FROM search WHERE rowid IN (SELECT value FROM json_each(?)) AND rowid NOT IN (SELECT pk FROM node
  WHERE pk IN (SELECT value FROM json_each(?)))`;

defineCommand('search.follow', ({ db }, { channel, most }) => followLog(db, channel, most));

defineCommand('search.forget', ({ db }, { pks }) => {
  const list = JSON.stringify(pks);
  return statement(db, FORGET).run(list, list).changes;
});
