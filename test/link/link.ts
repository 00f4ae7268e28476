import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LinkOptions {
  /** Each way; all connections share it. */
  bytesPerSecond: number;
  /** Milliseconds there and back. */
  roundTrip: number;
  /** Milliseconds after which every open connection breaks, again and again; 0: never. */
  cutEvery: number;
}

/** A poor line to a server. */
export interface Link {
  url: string;
  /** Bytes that left the near end, whether they arrived or not. */
  readonly sent: number;
  /** Times that connections which carried something were broken. */
  readonly cuts: number;
  /** The next cut comes a whole period from now; what was counted is forgotten. */
  begin(): void;
  close(): Promise<void>;
}

/** Milliseconds by which a busy machine may wake us late without the line becoming slower. */
const LATE = 50;

/** One after the other over the line, each for as long as its bytes take. */
class Lane {
  readonly #bytesPerSecond: number;
  #free = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  async pass(bytes: number): Promise<void> {
    this.#free = Math.max(performance.now() - LATE, this.#free) + (bytes / this.#bytesPerSecond) * 1000;
    const wait = this.#free - performance.now();
    if (wait > 0) await sleep(wait);
  }
}

/** Bytes that pass at once: 8 ms of a line of 1 MB/s. */
const PIECE = 8_192;

/**
 * A proxy on loopback that behaves like a poor line: narrow, far, and broken now and then. A connection takes a round
 * trip to be made; what is under way when it breaks is lost. How TCP finds its speed is not modelled.
 */
export async function openLink(server: string, options: LinkOptions): Promise<Link> {
  const target = new URL(server);
  const up = new Lane(options.bytesPerSecond);
  const down = new Lane(options.bytesPerSecond);
  const open = new Set<() => void>();
  let sent = 0;
  let cuts = 0;
  let timer: NodeJS.Timeout | undefined;

  async function carry(from: Socket, to: Socket, lane: Lane, count: (bytes: number) => void): Promise<void> {
    // Reading to the end must not destroy it: what goes the other way may still be on the line.
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.byteLength; at += PIECE) {
        const piece = chunk.subarray(at, at + PIECE);
        await lane.pass(piece.byteLength);
        if (from.destroyed) return;
        count(piece.byteLength);
        setTimeout(() => !to.destroyed && to.write(piece), options.roundTrip / 2);
      }
    }
    setTimeout(() => !to.destroyed && to.end(), options.roundTrip / 2);
  }

  const near = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const far = connect({ host: target.hostname, port: Number(target.port), allowHalfOpen: true, noDelay: true });
    const cut = () => {
      client.resetAndDestroy();
      far.destroy();
    };
    open.add(cut);
    const over = () => {
      open.delete(cut);
      client.destroy();
      far.destroy();
    };
    for (const end of [client, far]) end.on('close', over).on('error', over);
    // A broken connection ends both loops; whoever reads of it there has nothing to add.
    const carryUp = sleep(options.roundTrip).then(() => carry(client, far, up, (bytes) => (sent += bytes)));
    Promise.allSettled([carryUp, carry(far, client, down, () => undefined)]).catch(over);
  });
  near.listen(0, '127.0.0.1');
  await new Promise((resolve) => near.once('listening', resolve));

  const begin = () => {
    clearInterval(timer);
    sent = 0;
    cuts = 0;
    if (options.cutEvery === 0) return;
    timer = setInterval(() => {
      if (open.size > 0) cuts += 1;
      for (const cut of open) cut();
    }, options.cutEvery);
  };
  begin();

  return {
    url: `http://127.0.0.1:${(near.address() as AddressInfo).port}`,
    get sent() {
      return sent;
    },
    get cuts() {
      return cuts;
    },
    begin,
    async close() {
      clearInterval(timer);
      for (const cut of open) cut();
      await new Promise((resolve) => near.close(resolve));
    },
  };
}
