/** Random numbers that a seed decides (sfc32). Each part of a run draws from a fork of its own. */
export class Random {
  readonly #state: Uint32Array;

  constructor(seed: number, stream = '') {
    this.#state = new Uint32Array([seed, Math.floor(seed / 2 ** 32), hashText(stream), 1]);
    for (let i = 0; i < 15; i += 1) this.#next();
  }

  /** Another stream of numbers, which does not depend on how many were drawn from this one. */
  static forkOf(seed: number): (stream: string) => Random {
    return (stream) => new Random(seed, stream);
  }

  /** A whole number from 0 up to `count` - 1. */
  below(count: number): number {
    return Math.floor((this.#next() / 2 ** 32) * count);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(percent: number): boolean {
    return this.#next() / 2 ** 32 < percent / 100;
  }

  one<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('there is nothing to choose from');
    return list[this.below(list.length)] as T;
  }

  /** One of the names, as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let roll = this.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [name, weight] of entries) {
      if (roll < weight) return name;
      roll -= weight;
    }
    throw new Error('weights have to be whole and positive');
  }

  bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => this.below(256));

  #next(): number {
    const state = this.#state;
    const [a, b, c, counter] = state as unknown as [number, number, number, number];
    const result = (a + b + counter) >>> 0;
    state[3] = counter + 1;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + result;
    return result;
  }
}

function hashText(text: string): number {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619);
  return hash >>> 0;
}
