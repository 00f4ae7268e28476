import { Refusal, type Id } from '@cambium/protocol';
import type { Device } from './device.ts';
import type { Act, Fates } from './fates.ts';
import type { Tab } from './tab.ts';
import type { SimulatedUser } from './world/server.ts';
import type { World } from './world/world.ts';

/** One run: who takes part, and what is known of them. */
export class Run {
  readonly world: World;
  readonly fates: Fates;
  readonly violations: string[] = [];
  users: SimulatedUser[] = [];
  devices: Device[] = [];
  channels: Id[] = [];

  constructor(world: World, fates: Fates) {
    this.world = world;
    this.fates = fates;
  }

  until<T>(promise: Promise<T>): Promise<T> {
    return this.world.time.until(promise);
  }

  /** Lets a tab do something to its channels, and follows what becomes of it. It may die meanwhile. */
  async act(tab: Tab, act: Act, name: string, work: () => Promise<unknown>): Promise<void> {
    if ((await this.until(Promise.race([this.fates.before(tab), tab.death]))) === 'died') return;
    const result = await this.until(Promise.race([outcomeOf(work), tab.death]));
    this.world.trace.add(`${tab.name} ${name}: ${result}`);
    if (result.startsWith('failed') && !tab.isDead) this.violations.push(`${tab.name} ${name}: ${result}`);
    await this.until(Promise.race([this.fates.after(tab, act, result === 'done'), tab.death]));
  }

  /** Starts a sync and lets it go on by itself. */
  sync(tab: Tab): void {
    void outcomeOf(() => tab.client.sync()).then((result) => this.world.trace.add(`${tab.name} sync: ${result}`));
  }
}

/** `done`, or why not. Refusals and what comes of a bad network are to be expected. */
export async function outcomeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'done';
  } catch (error) {
    if (error instanceof Refusal) return `refused ${error.error.code}`;
    const { name, message, stack } = error as Error;
    return EXPECTED.has(name) ? `stopped ${message}` : `failed ${stack ?? message}`;
  }
}

const EXPECTED = new Set(['Unreachable', 'ServerFailure', 'BlockedByChange']);
