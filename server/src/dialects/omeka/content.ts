import { open } from 'node:fs/promises';
import { WASMagic, WASMagicFlags } from 'wasmagic';
import type { DialectDeps } from '../deps.ts';

/** libmagic looks no further either. */
const HEAD = 1_048_576;
const MAX_OS = 255;

/** Names that the library of the day calls otherwise than the one that Omeka was written for. */
const RENAMED: Readonly<Record<string, string>> = {
  'application/x-empty': 'inode/x-empty',
  'image/bmp': 'image/x-ms-bmp',
  'audio/wav': 'audio/x-wav',
};

let loading: Promise<{ mime: WASMagic; words: WASMagic }> | undefined;

/** Loaded when it is first needed: its table of signatures takes some megabytes. */
function load(): Promise<{ mime: WASMagic; words: WASMagic }> {
  loading ??= Promise.all([WASMagic.create(), WASMagic.create({ flags: WASMagicFlags.NONE })]).then(
    ([mime, words]) => ({ mime, words }),
  );
  return loading;
}

/** What the bytes themselves show; what the sender calls them counts for nothing. */
export async function recognize(path: string): Promise<{ mime: string; type_os: string }> {
  const { mime, words } = await load();
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    const head = buffer.subarray(0, bytesRead);
    const type = mime.detect(head);
    return { mime: RENAMED[type] ?? type, type_os: words.detect(head).slice(0, MAX_OS) };
  } finally {
    await file.close();
  }
}

/** What is known of a content; null where it is not known yet. */
export interface Known {
  mime: string | null;
  type_os: string | null;
  /** JSON text. */
  metadata: string | null;
}

/** Finds out what contents say of themselves, each once, and keeps it for everybody who asks later. */
export class ContentFinder {
  readonly #deps: DialectDeps;
  readonly #running = new Map<string, Promise<Known>>();

  constructor(deps: DialectDeps) {
    this.#deps = deps;
  }

  /** Everything, once it was found out; after `wait` ms what was known before. */
  async complete(sha256: string, known: Known, wait: number): Promise<Known> {
    if (known.mime !== null && known.metadata !== null) return known;
    let found = this.#running.get(sha256);
    if (!found) {
      found = this.#find(sha256, known).finally(() => this.#running.delete(sha256));
      this.#running.set(sha256, found);
    }
    let cancel = (): void => undefined;
    const late = new Promise<Known>((resolve) => {
      cancel = this.#deps.timers.after(wait, () => resolve(known));
    });
    return await Promise.race([found, late]).finally(() => cancel());
  }

  /** Waits for what is being read. */
  async stop(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #find(sha256: string, known: Known): Promise<Known> {
    const { intake, media, command, log } = this.#deps;
    try {
      const recognized = await recognize(intake.path(sha256));
      const metadata = await media.describe(sha256);
      await command('facts.content', { sha256, ...recognized, metadata: metadata ?? '{}' });
      return { ...recognized, metadata: metadata ?? '{}' };
    } catch (error) {
      log.warn({ err: error, sha256 }, 'a content could not be looked at');
      return known;
    }
  }
}
