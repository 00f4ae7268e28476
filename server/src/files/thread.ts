import { Worker } from 'node:worker_threads';

interface Waiting<Answer> {
  done: (answer: Answer) => void;
  fail: (error: Error) => void;
}

/** A thread that answers each job, in the order in which they came. It never keeps the process alive. */
export class Thread<Job, Answer> {
  readonly #worker: Worker;
  readonly #waiting: Waiting<Answer>[] = [];
  readonly #name: string;
  #error: Error | null = null;

  /** `file` is started as it is; while it is TypeScript, `boot` in its place, as a worker's own file can't be that. */
  constructor(name: string, { file, boot }: { file: URL; boot: URL }, workerData?: unknown) {
    this.#name = name;
    const started = import.meta.url.endsWith('.ts') ? boot : file;
    this.#worker = new Worker(started, { workerData, execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#waiting.shift()?.done(answer));
    this.#worker.on('error', (error) => this.#break(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', (code) => this.#break(new Error(`the ${this.#name} thread ended with code ${code}`)));
  }

  /** It has failed and answers nothing any more. */
  get isBroken(): boolean {
    return this.#error !== null;
  }

  async ask(job: Job): Promise<Answer> {
    if (this.#error) throw this.#error;
    return await new Promise((done, fail) => {
      this.#waiting.push({ done, fail });
      this.#worker.postMessage(job);
    });
  }

  /** For a job that has no answer. */
  tell(job: Job): void {
    this.#worker.postMessage(job);
  }

  end(): void {
    void this.#worker.terminate();
  }

  #break(error: Error): void {
    this.#error ??= error;
    for (const { fail } of this.#waiting.splice(0)) fail(error);
    void this.#worker.terminate();
  }
}
