import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A system's server in another process, seen from the load. */
export class Guest {
  #process;

  /** Starts it on an empty folder. */
  static async start(name, folder, channels, env = {}) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const guest = new Guest();
    guest.#process = fork(fileURLToPath(new URL('host.mjs', import.meta.url)), [name, folder, String(channels)], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [{ url }] = await Promise.race([
      once(guest.#process, 'message'),
      once(guest.#process, 'exit').then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`))),
    ]);
    guest.url = url;
    return guest;
  }

  /** CPU of all its threads so far, milliseconds; resident memory, bytes. */
  usage = () => this.#ask('usage');

  async rows() {
    const { rows } = await this.#ask('rows');
    return rows;
  }

  /** Returns the digest of what it stored. */
  async stop() {
    const ended = once(this.#process, 'exit');
    const { digest } = await this.#ask('stop');
    await ended;
    return digest;
  }

  kill() {
    this.#process.kill('SIGKILL');
  }

  async #ask(question) {
    const answered = once(this.#process, 'message');
    this.#process.send(question);
    const [answer] = await answered;
    return answer;
  }
}
