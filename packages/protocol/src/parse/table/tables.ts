import type { Table } from '../../row.ts';
import { channelTable } from './channel.ts';
import type { TableDefinition } from './definition.ts';
import { fileTable } from './file.ts';
import { itemTable } from './item.ts';
import { nodeTable } from './node.ts';
import { prerequisiteTable } from './prerequisite.ts';

const BUILT_IN: Record<Table, TableDefinition> = {
  channel: channelTable,
  contentnode: nodeTable,
  contentnode_prerequisite: prerequisiteTable,
  assessmentitem: itemTable,
  file: fileTable,
};

/** Tables by name: a map, so that no name leads to anything but a table. */
export type Tables = ReadonlyMap<string, TableDefinition>;

/** The tables that every server has. An application that registers its own gives a map that holds these too. */
export const BUILT_IN_TABLES: Tables = new Map(Object.entries(BUILT_IN));
