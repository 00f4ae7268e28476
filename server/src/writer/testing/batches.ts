import { createHash } from 'node:crypto';
import type { Id } from '@cambium/protocol';

/** Changes in one batch of the crash test. */
export const SIZE = 40;

function idOf(name: string): Id {
  return createHash('md5').update(name).digest('hex');
}

export const CHANNEL = idOf('channel');
export const titleOf = (n: number, i: number): string => `${n}.${i}`;

/** The body of batch `n`, the same in every process: the first makes the channel, each other one topics in it. */
export function batchOf(n: number): Uint8Array {
  const first = { rev: 1, type: 'CREATED', table: 'channel', key: CHANNEL, channel_id: CHANNEL, obj: { name: 'C' } };
  const topics = Array.from({ length: SIZE }, (_, i) => ({
    rev: 2 + n * SIZE + i,
    type: 'CREATED',
    table: 'contentnode',
    key: idOf(titleOf(n, i)),
    channel_id: CHANNEL,
    obj: { parent: CHANNEL, kind: 'topic', title: titleOf(n, i) },
  }));
  return new TextEncoder().encode(
    JSON.stringify({ client_id: idOf('client'), changes: n === 0 ? [first, ...topics] : topics }),
  );
}
