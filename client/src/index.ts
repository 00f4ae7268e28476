export { defineTable, type AppRowOnWire, type AppTable } from '@cambium/protocol';
export { CambiumClient, openClient, type OpenOptions } from './client.ts';
export type {
  Channel,
  ChannelChange,
  ChannelWriter,
  CopyOptions,
  MakeOptions,
  NewNode,
  Place,
  WriteOptions,
} from './channel.ts';
export type { RefusedChange } from './changes/enqueue.ts';
export type { Rescue } from './changes/rescue.ts';
export type { ClientDatabase } from './database/open.ts';
export type { ConflictRecord, PendingRecord, RawChange } from './database/records.ts';
export type { StoredChannel } from './database/rows.ts';
export type { ClientDeps, Clock, Connectivity, Locks, Timers } from './deps.ts';
export type { User } from './directory.ts';
export { localLocks } from './local-locks.ts';
export { nodeDeps } from './node.ts';
export type { ShownNode } from './queries.ts';
export type { StallReason, SyncStatus } from './status.ts';
export { BlockedByChange, ServerFailure, Unreachable } from './sync/failure.ts';
export type { Phase } from './sync/machine.ts';
export * from './uploads/index.ts';
