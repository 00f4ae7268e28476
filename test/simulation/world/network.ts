import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { bytesOf, call, type Exchange, type Sent } from './call.ts';
import type { Faults, NetworkFault } from './faults.ts';
import type { Random } from './random.ts';
import type { SimulatedServer } from './server.ts';
import type { Time } from './time.ts';
import type { Trace } from './trace.ts';

/** Who sends: goes offline, and has a name for the trace. */
export interface Sender {
  name: string;
  isOnline(): boolean;
}

/** Told of everything that clients send, and of every answer that the server gave, also of those that never arrive. */
export interface Tap {
  sent(sent: Sent): void;
  answered(sent: Sent, status: number, body: string): void;
}

interface Parts {
  time: Time;
  trace: Trace;
  faults: Faults;
  random: Random;
  server: SimulatedServer;
  tap: Tap;
}

/** Virtual milliseconds: how late a ghost of a request may come. */
const GHOST = 20_000;

/** Requests that no run comes near unless a client asks again and again without a pause. */
const MOST = 1_000;

/** Between every client and the server: latency, and whatever may go wrong on the way. */
export class Network {
  readonly #parts: Parts;
  readonly #open = new Map<Sender, Set<Exchange>>();
  #count = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What `fetch` does, for one sender. */
  fetchOf(sender: Sender): typeof fetch {
    return async (input, init = {}) => {
      const { signal, body = null } = init;
      const { pathname, search } = new URL(input as string);
      const sent: Sent = {
        method: init.method ?? 'GET',
        path: pathname + search,
        headers: Object.fromEntries(new Headers(init.headers)),
        body: body as string | null,
      };
      this.#count += 1;
      if (this.#count > MOST) this.#parts.time.fail('the clients never stop asking');
      this.#parts.tap.sent(sent);
      const name = `${sender.name} #${this.#count} ${sent.method} ${sent.path.replaceAll(/[0-9a-f]{28}(?=[0-9a-f]{4})/g, '…')}`;
      try {
        const response = await orAborted(signal, this.#send(sender, sent, signal ?? null, name));
        this.#parts.trace.add(`${name} → ${response.status}`);
        return response;
      } catch (error) {
        this.#parts.trace.add(`${name} → ${(error as Error).message}`);
        throw error;
      }
    };
  }

  /** Breaks every connection of a sender, as going offline does. */
  cutAll(sender: Sender): void {
    for (const exchange of this.#open.get(sender) ?? []) exchange.cut();
  }

  async #send(sender: Sender, sent: Sent, signal: AbortSignal | null, name: string): Promise<Response> {
    const { time, trace, random, faults } = this.#parts;
    await time.sleep(this.#latency());
    if (!sender.isOnline()) throw new TypeError('offline');
    const fault = faults.network();
    if (fault !== null) trace.add(`${name} … ${fault}`);
    const broken = await this.#before(fault, sender, sent);
    if (broken) return broken;
    const rejected =
      fault === 'token_rejected' ? { ...sent, headers: { ...sent.headers, authorization: 'Token wrong' } } : sent;
    const { exchange, message } = await this.#exchange(sender, rejected);
    signal?.addEventListener('abort', () => exchange.cut(), { once: true });
    if (message.headers['content-type']?.startsWith('text/event-stream') ?? false) {
      if (fault === 'answer_truncated') time.after(random.between(1, GHOST), () => exchange.cut());
      return responseOf(message, Readable.toWeb(message) as ReadableStream<Uint8Array>);
    }
    const bytes = await this.#read(sent, message);
    await time.sleep(this.#latency());
    if (fault === 'answer_lost' || !sender.isOnline()) throw new TypeError('the answer was lost');
    if (fault !== 'answer_truncated') return responseOf(message, whole(bytes));
    return responseOf(message, cutShort(bytes.subarray(0, random.below(bytes.length)), random.chance(50)));
  }

  /** Faults that come true before the request is looked at. Returns the answer of whatever stands before the server. */
  async #before(fault: NetworkFault | null, sender: Sender, sent: Sent): Promise<Response | null> {
    const { time, random } = this.#parts;
    switch (fault) {
      case 'request_lost':
        await time.sleep(random.between(1, 5_000));
        throw new TypeError('the request was lost');
      case 'request_delayed':
        this.#haunt(sent, random.between(1, GHOST));
        throw new TypeError('the connection was lost');
      case 'request_duplicated':
        this.#haunt(sent, random.between(1, GHOST));
        return null;
      case 'unavailable':
        return new Response('{"error":{"code":"busy","message":"Too much to do."}}', {
          status: 503,
          headers: { 'Retry-After': '1' },
        });
      case 'failed':
        return random.chance(50)
          ? new Response('<html>Bad Gateway</html>', { status: 502 })
          : new Response('{"error":{"code":"internal_error","message":"It failed."}}', { status: 500 });
      default:
        return this.#parts.server.http ? null : this.#refuse(sender);
    }
  }

  #refuse(sender: Sender): never {
    throw new TypeError(`${sender.name}: the connection was refused`);
  }

  /** The same request arrives some time later; nobody waits for the answer. */
  #haunt(sent: Sent, ms: number): void {
    const { time, trace } = this.#parts;
    const ghost: Sender = { name: 'ghost', isOnline: () => true };
    const arrive = async () => {
      try {
        const { message } = await this.#exchange(ghost, sent);
        await this.#read(sent, message);
        trace.add(`ghost of ${sent.method} ${sent.path} → ${message.statusCode}`);
      } catch (error) {
        trace.add(`ghost of ${sent.method} ${sent.path} → ${(error as Error).message}`);
      }
    };
    time.after(ms, () => void arrive());
  }

  async #exchange(sender: Sender, sent: Sent): Promise<{ exchange: Exchange; message: IncomingMessage }> {
    const { server } = this.#parts;
    if (!server.http) this.#refuse(sender);
    const exchange = call(server.http as NonNullable<typeof server.http>, sent);
    const own = this.#open.get(sender) ?? new Set();
    this.#open.set(sender, own.add(exchange));
    const unwatch = server.watch(() => exchange.cut());
    try {
      const message = await exchange.answer;
      message.on('close', () => {
        own.delete(exchange);
        unwatch();
      });
      return { exchange, message };
    } catch (error) {
      own.delete(exchange);
      unwatch();
      throw new TypeError((error as Error).message);
    }
  }

  async #read(sent: Sent, message: IncomingMessage): Promise<Buffer> {
    try {
      const bytes = await bytesOf(message);
      this.#parts.tap.answered(sent, message.statusCode as number, bytes.toString('utf8'));
      return bytes;
    } catch (error) {
      throw new TypeError(`the answer broke off: ${(error as Error).message}`);
    }
  }

  /** Mostly quick; now and then so slow that another request overtakes it. */
  #latency(): number {
    const { random } = this.#parts;
    return random.chance(10) ? random.between(200, 3_000) : random.between(1, 60);
  }
}

function responseOf(message: IncomingMessage, body: ReadableStream<Uint8Array>): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) headers.set(name, String(value));
  const status = message.statusCode as number;
  return new Response(status === 204 || status === 304 ? null : body, { status, headers });
}

function whole(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return cutShort(bytes, true);
}

/** A body that ends as if that were all, or with an error. */
function cutShort(bytes: Uint8Array, endsCleanly: boolean): ReadableStream<Uint8Array> {
  let isSent = bytes.length === 0;
  return new ReadableStream({
    pull(controller) {
      if (!isSent) controller.enqueue(new Uint8Array(bytes));
      else if (endsCleanly) controller.close();
      else controller.error(new TypeError('the answer broke off'));
      isSent = true;
    },
  });
}

function orAborted<T>(signal: AbortSignal | null | undefined, promise: Promise<T>): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(new DOMException('aborted', 'AbortError'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject);
  });
}
