export { appRowFromWire, appRowToWire, type AppRowOnWire } from './app/row.ts';
export { appTable, registerTable, storedTable } from './app/registry.ts';
export { defineTable, type AppAttempt, type AppSchema, type AppTable } from './app/table.ts';
