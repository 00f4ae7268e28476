import { outcomeOf, type Run } from './run.ts';
import type { Tab } from './tab.ts';

/** Rounds after which clients that have nothing against them have to be at rest. */
const ROUNDS = 12;

/** Nothing goes wrong any more: everybody online and with all rights, and time enough for whatever was going on. */
export async function becomeQuiet(run: Run): Promise<void> {
  const { world, devices } = run;
  world.trace.add('quiet');
  world.faults.end();
  await world.time.pass(1_000);
  for (const user of run.users.slice(1)) {
    for (const channel of run.channels) await run.until(world.server.setRole(channel, user.id, 'editor'));
  }
  for (const device of devices) {
    for (const tab of device.tabs) tab.thaw();
    for (const tab of device.tabs) tab.dieAtTransaction(Infinity);
    device.setOnline(true);
    if (device.tabs.length === 0) await run.until(device.openTab());
    // What an act did in which a client died is seen now, before it is sent.
    const [first] = device.tabs;
    if (first) await run.until(run.fates.before(first));
    for (const tab of device.tabs) tab.client.setToken(device.user.token);
  }
  let unrest: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await world.time.pass(30_000);
    for (const { autoSync, tabs } of devices) {
      // What syncs by itself has to come to rest by itself; only the last rounds help.
      if (autoSync && round < ROUNDS - 2) continue;
      for (const tab of tabs) await syncNow(run, tab);
    }
    unrest = [];
    for (const device of devices) for (const tab of device.tabs) unrest.push(...(await run.until(unrestOf(run, tab))));
    if (unrest.length === 0) return;
  }
  run.violations.push(...unrest.map((line) => `no rest: ${line}`));
}

async function syncNow(run: Run, tab: Tab): Promise<void> {
  const result = await run.until(outcomeOf(() => tab.client.sync()));
  run.world.trace.add(`${tab.name} sync: ${result}`);
}

/** What still has to happen on a device before it has everything and has sent everything. */
async function unrestOf({ world, channels }: Run, tab: Tab): Promise<string[]> {
  const { database } = tab.client;
  const pending = await database.pending.toArray();
  const unrest = pending.map(({ rev, state, row }) => `${tab.name} holds ${state} change ${rev} of ${row}`);
  for (const channel of channels) {
    const cursor = await database.cursor.get(channel);
    const { head } = world.server.connection.raw.prepare('SELECT head FROM channel WHERE id = ?').get(channel) as {
      head: number;
    };
    if (cursor?.rev !== head || cursor.unavailable || cursor.snapshot !== null) {
      unrest.push(`${tab.name} is at ${JSON.stringify(cursor)} of ${head}`);
    }
  }
  return unrest;
}
