import type { FileHandle } from 'node:fs/promises';
import type { Clock } from '../deps.ts';
import { openDirect } from './direct.ts';
import { Drain, roomAt } from './drain.ts';
import type { Hashing } from './hasher.ts';

/**
 * Received bytes are made durable and acknowledged at least this often, so that a crash costs little; no oftener than
 * every `AT_MOST_MS`, for each time costs a transaction.
 */
const CHECKPOINT_BYTES = 8_388_608;
const CHECKPOINT_MS = 2_000;
const AT_MOST_MS = 100;

export interface Receiving {
  file: FileHandle;
  /** Its path when much is expected, so that it goes past the page cache. */
  large?: string | null;
  /** Where the first byte goes. */
  offset: number;
  /** Gets every byte that was written; null where nothing is to be hashed yet. */
  hasher: Hashing | null;
  /** Gets the same bytes; for the checksum of one request. */
  check?: { update(chunk: Uint8Array): void } | null;
  clock: Clock;
  /** Called when everything before `offset` is durable. Left out where bytes count only all together. */
  checkpoint?: (offset: number) => Promise<void>;
}

/**
 * Writes a stream into a file. When it returns, all bytes before `offset` are durable. A source that breaks off is no
 * error here: what came is kept, and what broke it is handed back as `broken`.
 */
export async function receive(
  source: AsyncIterable<Uint8Array>,
  { file, large = null, offset, hasher, check = null, clock, checkpoint }: Receiving,
): Promise<{ offset: number; broken: unknown }> {
  const direct = large === null ? null : await openDirect(large);
  const drain = new Drain({ file, direct, hasher, check });
  let position = offset;
  let durable = offset;
  /** The checkpoint that runs, or was the last: up to where, since when. */
  let [begun, begunAt, isRunning] = [offset, clock.now(), false];
  let running: Promise<void> = Promise.resolve();
  let failed: { error: unknown } | undefined;
  let gathered: Uint8Array[] = [];
  let size = 0;
  let broken: unknown = null;

  /** Small writes cost more than the copying that they save. */
  const gather = async (chunk: Uint8Array) => {
    for (let at = 0; at < chunk.byteLength;) {
      const part = chunk.subarray(at, at + roomAt(position) - size);
      gathered.push(part);
      size += part.byteLength;
      at += part.byteLength;
      if (size === roomAt(position)) await write();
    }
  };
  const write = async () => {
    if (size === 0) return;
    await drain.put(gathered, position);
    position += size;
    gathered = [];
    size = 0;
  };
  const isDue = () => {
    // A clock that was set back must not keep the next one waiting.
    const since = Math.abs(clock.now() - begunAt);
    return (since >= AT_MOST_MS && position - begun >= CHECKPOINT_BYTES) || since >= CHECKPOINT_MS;
  };
  /** Runs beside the receiving: bytes that come meanwhile are the next one's. */
  const acknowledge = async (upTo: number) => {
    await drain.settled();
    await file.datasync();
    durable = upTo;
    await checkpoint?.(upTo);
  };

  /** The next bytes; null at their end, however that came. */
  const chunks = source[Symbol.asyncIterator]();
  const next = async (): Promise<Uint8Array | null> => {
    try {
      const { done, value } = await chunks.next();
      return done === true ? null : value;
    } catch (error) {
      broken = error;
      return null;
    }
  };

  try {
    for (let chunk = await next(); chunk !== null && !failed; chunk = await next()) {
      await gather(chunk);
      if (!checkpoint || isRunning || !isDue()) continue;
      await write();
      [begun, begunAt, isRunning] = [position, clock.now(), true];
      running = acknowledge(position)
        .catch((error: unknown) => {
          failed = { error };
        })
        .finally(() => {
          isRunning = false;
        });
    }
    await write();
    await drain.settled();
  } finally {
    // No file is closed under a write.
    await drain.ended();
    await running;
    await direct?.close();
  }
  if (failed) throw failed.error;
  if (position !== durable) await file.datasync();
  return { offset: position, broken };
}
