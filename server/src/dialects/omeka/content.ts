import type { DialectDeps } from '../deps.ts';

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
      const recognized = await media.recognize(intake.path(sha256));
      if (recognized === null) return known;
      const metadata = await media.describe(sha256);
      await command('facts.content', { sha256, ...recognized, metadata: metadata ?? '{}' });
      return { ...recognized, metadata: metadata ?? '{}' };
    } catch (error) {
      log.warn({ err: error, sha256 }, 'a content could not be looked at');
      return known;
    }
  }
}
