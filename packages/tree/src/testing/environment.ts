/** The environment variables; reached so that this package needs no types of Node, as its sources run in browsers too. */
const environment = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env ?? {};

/** The seed of random tests: `SEED` to repeat a run, otherwise another one each time. */
export const seed = Number(environment['SEED'] ?? Date.now() % 2 ** 31);

/** How often a property is tried: `RUNS` for a long run. */
export function runs(usual: number): number {
  return Number(environment['RUNS'] ?? usual);
}
