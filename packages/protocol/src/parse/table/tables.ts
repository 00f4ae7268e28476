import { appTableDefinition } from '../../app/definition.ts';
import { appTable } from '../../app/registry.ts';
import type { Table } from '../../row.ts';
import { channelTable } from './channel.ts';
import type { TableDefinition } from './definition.ts';
import { fileTable } from './file.ts';
import { itemTable } from './item.ts';
import { nodeTable } from './node.ts';
import { prerequisiteTable } from './prerequisite.ts';

const BUILT_IN: Record<Exclude<Table, 'app_row'>, TableDefinition> = {
  channel: channelTable,
  contentnode: nodeTable,
  contentnode_prerequisite: prerequisiteTable,
  assessmentitem: itemTable,
  file: fileTable,
};

const byName: ReadonlyMap<string, TableDefinition> = new Map(Object.entries(BUILT_IN));

/** What changes of the table with this name may say: one of the engine's, or of those an application registered. */
export function tableNamed(name: string): TableDefinition | undefined {
  return byName.get(name) ?? (appTable(name) && appTableDefinition);
}
