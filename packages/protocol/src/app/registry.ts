import type { Table } from '../row.ts';
import { TABLES } from '../row.ts';
import type { AppTable } from './table.ts';

const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const BUILT_IN = new Set<string>(TABLES);

const registered = new Map<string, AppTable>();

/**
 * Makes a table known to this process (and thread). The same definition may be registered again.
 *
 * @throws Error when the name is no name, or means another table already
 */
export function registerTable(table: AppTable): void {
  if (!NAME.test(table.name) || BUILT_IN.has(table.name)) {
    throw new Error(`an application cannot call a table ${JSON.stringify(table.name)}`);
  }
  const known = registered.get(table.name);
  if (known !== undefined && known !== table) throw new Error(`the table ${table.name} is registered already`);
  registered.set(table.name, table);
}

/** The application's table of that name, or undefined. */
export function appTable(name: string): AppTable | undefined {
  return registered.get(name);
}

/** The table in which stores keep the rows that changes and log know under this name. */
export function storedTable(name: string): Table {
  return BUILT_IN.has(name) ? (name as Table) : 'app_row';
}
