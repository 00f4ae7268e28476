import { ERRORS, type ErrorCode, isJsonObject, type Json, Refusal } from '@cambium/protocol';
import type { ClientDeps } from '../deps.ts';
import { ServerFailure, Unreachable } from './failure.ts';
import { linesOf } from './lines.ts';

/** A silence longer than this means that the answer will not come, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Requests to one server with one user's token.
 *
 * Every method throws `Unreachable` when no answer came, `ServerFailure` when the server failed, and `Refusal` with
 * the server's own code and reason when it refused.
 */
export class Transport {
  readonly server: string;
  readonly #deps: Pick<ClientDeps, 'fetch' | 'timers'>;
  #token: string;

  constructor(server: string, token: string, deps: Pick<ClientDeps, 'fetch' | 'timers'>) {
    this.server = server.replace(/\/+$/, '');
    this.#token = token;
    this.#deps = deps;
  }

  get token(): string {
    return this.#token;
  }

  set token(token: string) {
    this.#token = token;
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#json<T>(path, {})).value;
  }

  /** With the rev of the channel that was read. */
  async getAt<T>(path: string): Promise<{ value: T; rev: number | null }> {
    const { value, headers } = await this.#json<T>(path, {});
    const rev = headers.get('Cambium-Rev');
    return { value, rev: rev === null ? null : Number(rev) };
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    return (await this.#json<T>(path, init)).value;
  }

  /** The lines of an NDJSON answer as they arrive. */
  async *lines(path: string): AsyncGenerator<Json> {
    const watch = new Watch(this.#deps);
    try {
      const response = await this.#send(path, {}, watch);
      if (!response.body) return;
      for await (const line of linesOf(response.body, () => watch.extend())) yield JSON.parse(line) as Json;
    } catch (error) {
      throw watch.explain(error);
    } finally {
      watch.end();
    }
  }

  /** An answer that stays open for as long as `signal` lets it. */
  async open(path: string, signal: AbortSignal): Promise<Response> {
    const watch = new Watch(this.#deps);
    const stop = () => watch.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await this.#send(path, { headers: { Accept: 'text/event-stream' } }, watch);
    } catch (error) {
      signal.removeEventListener('abort', stop);
      throw watch.explain(error);
    } finally {
      watch.rest();
    }
  }

  async #json<T>(path: string, init: RequestInit): Promise<{ value: T; headers: Headers }> {
    const watch = new Watch(this.#deps);
    try {
      const response = await this.#send(path, init, watch);
      const text = await response.text();
      return { value: JSON.parse(text) as T, headers: response.headers };
    } catch (error) {
      throw watch.explain(error);
    } finally {
      watch.end();
    }
  }

  async #send(path: string, init: RequestInit, watch: Watch): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), Authorization: `Token ${this.#token}` };
    const url = path.startsWith('http') ? path : this.server + path;
    let response: Response;
    try {
      response = await this.#deps.fetch(url, { ...init, headers, signal: watch.signal });
    } catch (error) {
      throw new Unreachable(error);
    }
    if (!response.ok) throw failureOf(response.status, await response.text());
    return response;
  }
}

function failureOf(status: number, body: string): Error {
  const error = errorIn(body);
  const code = error?.['code'];
  if (error && status < 500 && typeof code === 'string' && Object.hasOwn(ERRORS, code)) {
    const { message, field, details } = error;
    return new Refusal(code as ErrorCode, {
      ...(typeof message === 'string' && { message }),
      ...(typeof field === 'string' && { field }),
      ...(details !== undefined && { details }),
    });
  }
  if (status === 401) return new Refusal('unauthenticated');
  return new ServerFailure(status, `the server answered ${status}`);
}

function errorIn(body: string): Record<string, Json> | null {
  try {
    const value = JSON.parse(body) as Json;
    return isJsonObject(value) && isJsonObject(value['error']) ? value['error'] : null;
  } catch {
    // A proxy's page: the status alone has to do.
    return null;
  }
}

/** Ends a request when nothing has come for too long. */
class Watch {
  readonly #abort = new AbortController();
  readonly #timers: ClientDeps['timers'];
  #stop: () => void;

  constructor({ timers }: Pick<ClientDeps, 'timers'>) {
    this.#timers = timers;
    this.#stop = timers.after(PATIENCE, () => this.abort());
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  abort(): void {
    this.#abort.abort();
  }

  extend(): void {
    this.#stop();
    this.#stop = this.#timers.after(PATIENCE, () => this.abort());
  }

  /** No more waiting, but the answer may go on. */
  rest(): void {
    this.#stop();
  }

  end(): void {
    this.#stop();
    // Whoever stopped reading half-way does not want the rest.
    this.#abort.abort();
  }

  /** What an error that came while reading means. */
  explain(error: unknown): unknown {
    if (error instanceof Refusal || error instanceof ServerFailure || error instanceof Unreachable) return error;
    if (error instanceof SyntaxError) return new ServerFailure(502, 'the answer was cut off or is not JSON');
    return new Unreachable(error);
  }
}
