import { Refusal } from '@cambium/protocol';
import { Thread } from '../thread.ts';
import type { PackAnswer, PackJob } from './pack-thread.ts';
import type { Piece } from './place.ts';
import type { Unpacked } from './unpack.ts';

/** Packs are taken apart and their members placed in a thread of their own, started by the first of them. */
export class Packs {
  #thread: Thread<PackJob, PackAnswer> | null = null;

  /** Reads and verifies each member by itself. Throws the Refusal `invalid_value` for what is no pack. */
  async unpack(path: string): Promise<Unpacked> {
    const answer = await this.#ask({ path });
    if (!('unpacked' in answer)) throw new Error('the thread answered something else');
    return answer.unpacked;
  }

  /** Gives members their final places below `root`: see `place`. */
  async place(root: string, path: string, pieces: readonly Piece[]): Promise<void> {
    await this.#ask({ path, root, pieces });
  }

  stop(): void {
    this.#thread?.end();
  }

  async #ask(job: PackJob): Promise<PackAnswer> {
    if (this.#thread === null || this.#thread.isBroken) {
      const file = new URL('./pack-thread.js', import.meta.url);
      this.#thread = new Thread('pack', { file, boot: new URL('./boot.mjs', import.meta.url) });
    }
    const answer = await this.#thread.ask(job);
    if ('refusal' in answer) throw new Refusal(answer.refusal.code, answer.refusal);
    if ('code' in answer) throw Object.assign(new Error(answer.message), { code: answer.code });
    return answer;
  }
}
