import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const TOKEN = 'a-token-of-the-benchmark-alone';

export type Durability = 'FULL' | 'NORMAL';

/** A server in another process, and what it has used up. */
export class Child {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, url: string) {
    this.#process = process;
    this.url = url;
  }

  /** `profile`: a folder for CPU profiles of both threads, written when the server stops. */
  static async start(dataDir: string, synchronous: Durability, profile?: string): Promise<Child> {
    const child = fork(fileURLToPath(new URL('serve.mjs', import.meta.url)), {
      env: { ...process.env, DATA_DIR: dataDir, PORT: '0', ADMIN_TOKEN: TOKEN, LOG_LEVEL: 'error', synchronous },
      execArgv: profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [],
    });
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    return new Child(child, url);
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** CPU of all its threads so far, milliseconds; resident memory, bytes. */
  async usage(): Promise<{ cpu: number; memory: number }> {
    this.#process.send('cpu');
    const [{ cpu, memory }] = (await once(this.#process, 'message')) as [{ cpu: NodeJS.CpuUsage; memory: number }];
    return { cpu: (cpu.user + cpu.system) / 1000, memory };
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.send('stop');
    await ended;
  }
}
