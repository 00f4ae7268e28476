import type { FileHandle } from 'node:fs/promises';
import type { Clock } from '../deps.ts';
import type { Hasher } from './hasher.ts';

/** Bytes written at once: small writes cost more than the copying that they save. */
const GATHERED = 1_048_576;
/** Received bytes are made durable and acknowledged at least this often, so that a crash costs little. */
const CHECKPOINT_BYTES = 8_388_608;
const CHECKPOINT_MS = 2_000;

export interface Receiving {
  file: FileHandle;
  /** Where the first byte goes. */
  offset: number;
  /** Gets every byte that was written. */
  hasher: Hasher;
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
  let durableAt = clock.now();
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
    for (const chunk of chunks) {
      hasher.update(chunk);
      check?.update(chunk);
    }
    await writing;
    position = end;
  };
  const secure = async () => {
    await write();
    if (position === durable) return;
    await file.datasync();
    durable = position;
  };

  const chunks = source[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<Uint8Array>;
    try {
      next = await chunks.next();
    } catch (error) {
      broken = error;
      break;
    }
    if (next.done === true) break;
    gathered.push(next.value);
    size += next.value.byteLength;
    if (size >= GATHERED) await write();
    const isDue = position + size - durable >= CHECKPOINT_BYTES || clock.now() - durableAt >= CHECKPOINT_MS;
    if (!checkpoint || !isDue) continue;
    await secure();
    await checkpoint(durable);
    durableAt = clock.now();
  }
  await secure();
  return { offset: durable, broken };
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
