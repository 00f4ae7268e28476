import { Device } from './device.ts';
import type { Run } from './run.ts';
import type { Tab } from './tab.ts';

/** Users, devices, and a channel or two that all of them edit; nothing goes wrong meanwhile. */
export async function populate(run: Run): Promise<void> {
  const { world } = run;
  const random = world.fork('populate');
  const count = random.between(2, 5);
  for (let i = 0; i < count; i += 1) {
    // Mostly one device a user; two devices of one user are two clients with one name.
    const another = i > 1 && random.chance(20);
    const user = another ? random.one(run.users) : await run.until(world.server.addUser(`user${i}`));
    if (!another) run.users.push(user);
    run.devices.push(new Device(world, `d${i}`, user, random.chance(40)));
  }
  for (const device of run.devices) {
    await openFirst(run, device);
    if (random.chance(25)) await openFirst(run, device);
  }
  const [first] = run.devices as [Device];
  const tab = first.tabs[0] as Tab;
  const channels = random.chance(30) ? 2 : 1;
  for (let i = 0; i < channels; i += 1) {
    const id = await run.until(tab.client.createChannel({ name: `Course ${i}` }));
    run.channels.push(id);
    const topics = [id];
    for (let n = random.between(4, 12); n > 0; n -= 1) {
      const parent = random.one(topics);
      const isTopic = random.chance(60);
      const node = { parent, kind: isTopic ? 'topic' : 'video', title: `n${n}` };
      const made = await run.until(tab.client.channel(id).create(node));
      if (isTopic) topics.push(made);
    }
    await run.until(tab.client.sync());
    for (const user of run.users.slice(1)) await run.until(world.server.setRole(id, user.id, 'editor'));
  }
  for (const device of run.devices.slice(1)) {
    for (const id of run.channels) await run.until(device.client().follow(id));
  }
}

async function openFirst(run: Run, device: Device): Promise<void> {
  const tab = await run.until(device.openTab());
  if (!tab) throw new Error(`${device.name} cannot open although nothing is wrong`);
}
