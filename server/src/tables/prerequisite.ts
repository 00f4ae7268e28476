import type { Database } from 'better-sqlite3';
import { keyText, type Id, type PrerequisiteRow } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import type { ChannelLookup } from '../tree/index.ts';
import type { Loaded, TableSql } from './rowTable.ts';

interface Pair {
  target_node: Id;
  prerequisite: Id;
  channel: number;
  rev: number;
}

const LOAD = `SELECT * FROM prerequisite WHERE target_node = ? AND prerequisite = ?`;
const OWNED = `SELECT * FROM prerequisite WHERE target_node = ? UNION SELECT * FROM prerequisite WHERE prerequisite = ?`;
const INSERT = `INSERT INTO prerequisite(target_node, prerequisite, channel, rev) VALUES(?, ?, ?, ?)`;
const UPDATE = `UPDATE prerequisite SET rev = ? WHERE target_node = ? AND prerequisite = ?`;
const REMOVE = `DELETE FROM prerequisite WHERE target_node = ? AND prerequisite = ?`;

export function prerequisiteSql(db: Database, channels: ChannelLookup): TableSql<PrerequisiteRow> {
  const loaded = ({ channel, rev, ...pair }: Pair): Loaded<PrerequisiteRow> => ({
    row: { ...pair, channel_id: channels.channelId(channel) },
    rev,
  });
  return {
    key: (row) => keyText([row.target_node, row.prerequisite]),
    owners: (row) => [row.target_node, row.prerequisite],
    load: (key) => {
      const record = statement<[Id, Id], Pair>(db, LOAD).get(...ends(key));
      return record && loaded(record);
    },
    loadOwned: (owner) => statement<[Id, Id], Pair>(db, OWNED).all(owner, owner).map(loaded),
    insert: (row, rev) => {
      statement(db, INSERT).run(row.target_node, row.prerequisite, channels.channelPk(row.channel_id), rev);
    },
    update: (row, rev) => void statement(db, UPDATE).run(rev, row.target_node, row.prerequisite),
    remove: (key) => void statement(db, REMOVE).run(...ends(key)),
  };
}

function ends(key: string): [Id, Id] {
  return key.split(':') as [Id, Id];
}
