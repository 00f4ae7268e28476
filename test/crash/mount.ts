import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });

/** A file system of its own, to be filled up or cut off. Needs root. */
export interface Mounted {
  folder: string;
  /**
   * The disk as it is at this moment, what was written and not yet made durable left out; mounted beside this one. It is
   * copied block by block, so nothing may write meanwhile.
   */
  snapshot(): Mounted;
  remove(): void;
}

export function mountMemory(megabytes: number): Omit<Mounted, 'snapshot'> {
  const folder = mkdtempSync(join(tmpdir(), 'cambium-small-'));
  run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder);
  return {
    folder,
    remove() {
      run('umount', folder);
      rmSync(folder, { recursive: true });
    },
  };
}

/** An ext4 in a file behind a loop device: what is in that file is what a power cut would leave. */
export function mountDisk(megabytes: number): Mounted {
  const base = mkdtempSync(join(tmpdir(), 'cambium-disk-'));
  const image = join(base, 'image');
  run('truncate', '-s', `${megabytes}M`, image);
  // No lazy work in the background that would write on its own.
  run('mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image);
  return mount(base, image);
}

function mount(base: string, image: string): Mounted {
  const folder = join(base, 'mounted');
  mkdirSync(folder, { recursive: true });
  // The kernel is not to make anything durable by its own habit of doing so every five seconds.
  run('mount', '-o', 'loop,commit=300', image, folder);
  return {
    folder,
    snapshot() {
      const copy = mkdtempSync(join(tmpdir(), 'cambium-cut-'));
      copyFileSync(image, join(copy, 'image'));
      return mount(copy, join(copy, 'image'));
    },
    remove() {
      run('umount', folder);
      rmSync(base, { recursive: true });
    },
  };
}
