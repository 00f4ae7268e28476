export { parseChange, parseWrite, type Parsed } from './parse/change.ts';
export { changeDigestText } from './parse/digest.ts';
export type { Access, Checked, Field } from './parse/field.ts';
export type { Problems } from './parse/problems.ts';
export { parseSyncRequest, type ReceivedRequest } from './parse/request.ts';
export type { Authority, TableDefinition } from './parse/table/definition.ts';
export { tableNamed } from './parse/table/tables.ts';
