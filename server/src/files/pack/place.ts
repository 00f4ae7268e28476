import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { blobName, PUT_PREFIX, READ_ONLY } from '../disk.ts';

/** Verified bytes of a member, by their place in the pack. */
export interface Piece {
  sha256: string;
  at: number;
  size: number;
}

/**
 * Gives members their final places, whatever lies there. None of it is durable: the pack is, until `Settling` has made
 * its members so. Each appears whole or not at all. Not for the main thread: it waits for the disk.
 */
export function place(root: string, path: string, pieces: readonly Piece[]): void {
  const pack = readFileSync(path);
  for (const { sha256, at, size } of pieces) {
    const draft = join(root, 'incoming', PUT_PREFIX + randomUUID());
    try {
      writeWhole(draft, pack.subarray(at, at + size));
      const final = join(root, blobName(sha256));
      mkdirSync(dirname(final), { recursive: true });
      renameSync(draft, final);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  }
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx', READ_ONLY);
  try {
    for (let at = 0; at < bytes.byteLength;) at += writeSync(file, bytes, at);
  } finally {
    closeSync(file);
  }
}
