import { Refusal, appRowToWire, keyText, type Id } from '@cambium/protocol';
import { sql, type CompiledQuery, type SqlBool } from 'kysely';
import type { Connection } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { appRow, type AppRecord } from '../tables/appRow.ts';
import {
  fileToRest,
  itemToRest,
  nodeToRest,
  prerequisiteToRest,
  type FileView,
  type ItemView,
  type NodeView,
} from '../tables/rest.ts';
import { fileViews, itemViews, nodeViews, prerequisiteViews } from '../tables/view.ts';
import type { User } from '../writer/writer.ts';
import type { ChannelState, Rows, SnapshotLine } from './snapshotRows.ts';

/**
 * Rows read at a time: memory stays the same however large the channel is. Pages of 100 KiB and more would be large
 * objects to V8, which it clears away late: the server then takes 100 MiB more.
 */
const PAGE = 50;

interface Range {
  lft: number;
  rgt: number;
  total_count: number;
}

const RANGE = `SELECT lft, rgt, total_count FROM node WHERE id = ? AND channel = ?`;
const APP_ROWS = `SELECT * FROM app_row WHERE pk IN (SELECT value FROM json_each(?)) ORDER BY id`;
const FILES = `SELECT count(*) AS files FROM file WHERE channel = ?`;

/** The rows of a channel as they are now, as the viewer is shown them. */
export function presentRows({ raw, db }: Connection, viewer: User, channel: ChannelState, under: Id | undefined): Rows {
  const range = statement<[Id, number], Range>(raw, RANGE).get(under ?? channel.id, channel.pk);
  if (!range) throw new Refusal('not_found', { field: 'under' });
  const files = statement<[number], { files: number }>(raw, FILES).get(channel.pk)?.files ?? 0;

  const read = <View>({ sql: text, parameters }: CompiledQuery<unknown>): View[] =>
    statement<unknown[], View>(raw, text).all(...parameters);

  function* nodes(): Generator<SnapshotLine[]> {
    const { lft, rgt } = range as Range;
    for (let last = lft - 1; ;) {
      const query = nodeViews(db, viewer)
        .where('n.channel', '=', channel.pk)
        .where('n.lft', '>', last)
        .where('n.lft', '<', rgt)
        .orderBy('n.lft')
        .limit(PAGE);
      const page = read<NodeView>(query.compile());
      yield page.map((view) => ({ table: 'contentnode', key: view.id, row: nodeToRest(view) }));
      if (page.length < PAGE) return;
      last = (page.at(-1) as NodeView).lft;
    }
  }

  /** Is the node with this id in the range that was asked for? The whole channel needs no question a row. */
  const inside = (id: Id | null): boolean => {
    if (under === undefined) return true;
    const at = id === null ? undefined : statement<[Id, number], Range>(raw, RANGE).get(id, channel.pk);
    return at !== undefined && at.lft >= range.lft && at.rgt <= range.rgt;
  };
  const ownerOf = `SELECT contentnode FROM assessmentitem WHERE id = ?`;
  const nodeOf = (file: FileView): Id | null => {
    if (file.contentnode !== null || file.assessment_item === null) return file.contentnode;
    return statement<[Id], { contentnode: Id }>(raw, ownerOf).get(file.assessment_item)?.contentnode ?? null;
  };

  /** The rows of a table in the order of their ids, which a state that is replayed has too: pks of a page as JSON. */
  function* pagesById(table: 'assessmentitem' | 'file' | 'app_row'): Generator<string> {
    const text = `SELECT pk FROM ${table} WHERE channel = ? ORDER BY id`;
    const pks = raw.prepare<[number], number>(text).pluck().all(channel.pk);
    for (let at = 0; at < pks.length; at += PAGE) yield JSON.stringify(pks.slice(at, at + PAGE));
  }

  function* items(): Generator<SnapshotLine[]> {
    for (const pks of pagesById('assessmentitem')) {
      const query = itemViews(db)
        .where(sql<SqlBool>`i.pk IN (SELECT value FROM json_each(${pks}))`)
        .orderBy('i.id');
      yield read<ItemView>(query.compile())
        .filter((view) => inside(view.contentnode))
        .map((view) => ({ table: 'assessmentitem', key: view.id, row: itemToRest(view) }));
    }
  }

  function* pairs(): Generator<SnapshotLine[]> {
    const query = prerequisiteViews(db)
      .where('r.channel', '=', channel.pk)
      .orderBy('r.target_node')
      .orderBy('r.prerequisite');
    const all = read<{ target_node: Id; prerequisite: Id; channel_id: Id }>(query.compile());
    yield all
      .filter((pair) => inside(pair.target_node) || inside(pair.prerequisite))
      .map((pair) => ({
        table: 'contentnode_prerequisite',
        key: keyText([pair.target_node, pair.prerequisite]),
        row: prerequisiteToRest(pair),
      }));
  }

  function* fileRows(): Generator<SnapshotLine[]> {
    for (const pks of pagesById('file')) {
      const query = fileViews(db)
        .where(sql<SqlBool>`f.pk IN (SELECT value FROM json_each(${pks}))`)
        .orderBy('f.id');
      yield read<FileView>(query.compile())
        .filter((view) => inside(nodeOf(view)))
        .map((view) => ({ table: 'file', key: view.id, row: fileToRest(view) }));
    }
  }

  /** They hang on nothing, so they are in no part of a tree. */
  function* appRows(): Generator<SnapshotLine[]> {
    if (under !== undefined) return;
    const read = statement<[string], AppRecord>(raw, APP_ROWS);
    for (const pks of pagesById('app_row')) {
      yield read.all(pks).map((record) => ({
        table: record.table_name,
        key: record.id,
        row: appRowToWire(appRow(record, channel.id)),
      }));
    }
  }

  function* pages(): Generator<SnapshotLine[]> {
    yield* nodes();
    yield* items();
    yield* pairs();
    yield* fileRows();
    yield* appRows();
  }

  const counted = under === undefined;
  return {
    header: {
      channel_id: channel.id,
      server_rev: channel.head,
      nodes: counted ? range.total_count + 1 : null,
      files: counted ? files : null,
    },
    pages: pages(),
  };
}
