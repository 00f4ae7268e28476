/** Bytes of a block. */
export const BLOCK = 1_048_576;
/** Blocks of the process: what is on its way to disks and hashing threads, for all uploads together. */
const BLOCKS = 32;
const WASM_PAGE = 65_536;

/**
 * Memory that a disk writes and that hashing threads read, without a copy in between. It is lent for as long as that
 * takes, never while somebody waits for bytes from afar, so that slow senders keep nobody waiting.
 */
class Blocks {
  #free: Buffer[] | null = null;
  readonly #waiting: ((block: Buffer) => void)[] = [];

  /** A block of any contents, to be given back; those who wait get theirs in turn. */
  async take(): Promise<Buffer> {
    const block = (this.#free ??= makeBlocks()).pop();
    return block ?? (await new Promise<Buffer>((resolve) => this.#waiting.push(resolve)));
  }

  give(block: Buffer): void {
    const next = this.#waiting.shift();
    if (next) next(block);
    else this.#free?.push(block);
  }
}

/**
 * Puts the chunks, a block at most, at its beginning; returns the bytes that it then holds. `set` copies into shared
 * memory word by word, `fill` as fast as memory goes.
 */
export function fillBlock(block: Buffer, chunks: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const chunk of chunks) {
    if (chunk.byteLength === 0) continue;
    block.fill(chunk, length, length + chunk.byteLength);
    length += chunk.byteLength;
  }
  return block.subarray(0, length);
}

/** Shared memory of WebAssembly is the only sort that lies at the boundaries of pages, which direct writes demand. */
function makeBlocks(): Buffer[] {
  const pages = (BLOCKS * BLOCK) / WASM_PAGE;
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return Array.from({ length: BLOCKS }, (_, index) => Buffer.from(buffer, index * BLOCK, BLOCK));
}

/** The process has one disk to write to and one memory to do it from. */
export const blocks = new Blocks();
