import { JSON_BODY, at, type Operation } from '../operation.ts';

/** Changes in, the log out. */
export const SYNC: readonly Operation[] = [
  at('post', '/api/sync', 'sync', {
    summary: 'Send changes, get what became of them and what others did',
    answers: { 200: { json: 'SyncAnswer' } },
    refusals: [...JSON_BODY, 'missing_field', 'unsupported_protocol', 'out_of_order', 'server_changed', 'busy'],
    body: 'SyncRequest',
  }),
  at('get', '/api/sync/events', 'sync', {
    summary: 'Server-sent events: `rev` when a log grows, `channel` when a role changes',
    query: { channel: 'A channel; may be repeated. Without it, all that may be viewed.' },
    answers: { 200: { events: ['RevEvent', 'ChannelEvent'] } },
    refusals: ['not_found'],
  }),
  at('get', '/api/channel/{id}/changes', 'sync', {
    summary: 'The log, for views of the history',
    query: {
      after: 'Entries with a higher rev.',
      before: 'Entries with a lower rev.',
      limit: 'From 1 to 1,000, which is the default.',
      order: '`asc` (default) or `desc`.',
    },
    answers: { 200: { json: 'LogPage' } },
    refusals: ['not_found'],
  }),
  at('get', '/api/channel/{id}/rows/{rev}', 'sync', {
    summary: 'The rows of a copy that are too many for its entry (`rows_at`)',
    answers: { 200: { ndjson: 'CopiedRow' } },
    refusals: ['not_found'],
  }),
  at('get', '/api/channel/{id}/snapshot', 'sync', {
    summary: 'The whole state as lines: a header, rows in document order, an end',
    query: {
      at: 'The state at this rev instead of now.',
      under: 'This node and what is below it.',
      after: 'With `at`: go on behind this row, `TABLE:ID`.',
    },
    answers: { 200: { ndjson: 'SnapshotLine' } },
    refusals: ['not_found', 'missing_field', 'snapshot_gone'],
  }),
];
