import { registerTable, type AppTable } from '@cambium/protocol';

/**
 * Registers the tables of an application in this thread. The writer runs in a thread of its own, which functions do not
 * reach: so they come as a module, whose default export is the list of tables.
 *
 * @param url where the module is, such as `new URL('./tables.js', import.meta.url).href`
 */
export async function loadTables(url: string): Promise<void> {
  const module = (await import(/* @vite-ignore */ url)) as { default?: unknown };
  if (!Array.isArray(module.default)) throw new Error(`${url} has no list of tables as its default export`);
  for (const table of module.default as AppTable[]) registerTable(table);
}
