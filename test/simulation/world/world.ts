import { Faults } from './faults.ts';
import { catchRejections, virtualTimeouts } from './globals.ts';
import { Network, type Tap } from './network.ts';
import { Random } from './random.ts';
import { GONE } from './storage.ts';
import { SimulatedServer, type Bug } from './server.ts';
import { Time } from './time.ts';
import { Trace } from './trace.ts';

let runs = 0;

interface Parts {
  time: Time;
  trace: Trace;
  faults: Faults;
  server: SimulatedServer;
  fork: (stream: string) => Random;
  tap: Tap;
}

/** Everything of a run that is not a client: time, chance, the network, the server. */
export class World {
  readonly serial = (runs += 1);
  readonly time: Time;
  readonly trace: Trace;
  readonly fork: (stream: string) => Random;
  readonly faults: Faults;
  readonly server: SimulatedServer;
  readonly network: Network;
  /** Promises that the code of a living client or of the server left to themselves. */
  readonly rejections: string[] = [];
  readonly #restoreGlobals: (() => void)[];

  private constructor(parts: Parts) {
    this.time = parts.time;
    this.trace = parts.trace;
    this.fork = parts.fork;
    this.faults = parts.faults;
    this.server = parts.server;
    this.network = new Network({ ...parts, random: parts.fork('network') });
    this.#restoreGlobals = [
      virtualTimeouts(parts.time),
      catchRejections((text) => {
        if (!text.includes(GONE)) this.rejections.push(`unhandled: ${text}`);
      }),
    ];
  }

  static async create(seed: number, tap: Tap, bug?: Bug): Promise<World> {
    const fork = Random.forkOf(seed);
    const time = new Time();
    const trace = new Trace(time);
    const faults = new Faults(fork('faults'));
    const server = await SimulatedServer.create({ time, trace, faults, random: fork('server'), bug });
    return new World({ time, trace, faults, server, fork, tap });
  }

  close(): void {
    for (const restore of this.#restoreGlobals) restore();
    this.server.close();
  }
}
