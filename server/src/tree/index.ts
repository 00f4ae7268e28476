export { type ChannelLookup, NodeBatch, type NodeBatchOptions, type NodeRecordRef } from './batch.ts';
export { checkTree, type Violation } from './check.ts';
export type { FlushStats } from './flush.ts';
export type { Mark } from './journal.ts';
export type { Foreseen } from './prefetch.ts';
export { rebuildLabels } from './rebuild.ts';
