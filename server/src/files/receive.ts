import type { FileHandle } from 'node:fs/promises';
import type { Clock } from '../deps.ts';
import type { Hashing } from './hasher.ts';

/** Bytes written at once: small writes cost more than the copying that they save. */
const GATHERED = 1_048_576;
/** Received bytes are made durable and acknowledged at least this often, so that a crash costs little. */
const CHECKPOINT_BYTES = 8_388_608;
const CHECKPOINT_MS = 2_000;

export interface Receiving {
  file: FileHandle;
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
  { file, offset, hasher, check, clock, checkpoint }: Receiving,
): Promise<{ offset: number; broken: unknown }> {
  let position = offset;
  let durable = offset;
  /** The checkpoint that runs, or was the last: up to where, since when. */
  let [begun, begunAt, isRunning] = [offset, clock.now(), false];
  let running: Promise<void> = Promise.resolve();
  let failed: { error: unknown } | undefined;
  let gathered: Uint8Array[] = [];
  let size = 0;
  let broken: unknown = null;

  const write = async () => {
    if (size === 0) return;
    const chunks = gathered;
    const end = position + size;
    gathered = [];
    size = 0;
    const writing = writeAll(file, chunks, position);
    // Both go on whatever becomes of the other: the file is not closed under a write.
    const ends = await Promise.allSettled([writing, hash(chunks)]);
    for (const one of ends) if (one.status === 'rejected') throw one.reason;
    position = end;
  };
  const hash = async (chunks: readonly Uint8Array[]) => {
    for (const chunk of chunks) {
      await hasher?.update(chunk);
      check?.update(chunk);
    }
  };
  /** Runs beside the receiving: bytes that come meanwhile are the next one's. */
  const acknowledge = async (upTo: number) => {
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
      gathered.push(chunk);
      size += chunk.byteLength;
      if (size >= GATHERED) await write();
      const isDue = position + size - begun >= CHECKPOINT_BYTES || clock.now() - begunAt >= CHECKPOINT_MS;
      if (!checkpoint || !isDue || isRunning) continue;
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
  } finally {
    await running;
  }
  if (failed) throw failed.error;
  if (position !== durable) await file.datasync();
  return { offset: position, broken };
}

/** `writev` may write less than it was given. */
async function writeAll(file: FileHandle, chunks: Uint8Array[], position: number): Promise<void> {
  const total = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  const { bytesWritten } = await file.writev(chunks, position);
  if (bytesWritten === total) return;
  const rest = Buffer.concat(chunks).subarray(bytesWritten);
  if (bytesWritten === 0) throw new Error('the disk takes no more bytes');
  await writeAll(file, [rest], position + bytesWritten);
}
