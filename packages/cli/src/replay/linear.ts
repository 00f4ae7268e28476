import type { CambiumClient } from '@cambium/client';
import type { Id } from '@cambium/protocol';
import { connect } from '../connect.ts';
import type { Progress } from '../output.ts';
import { persist } from '../patience.ts';
import type { Batch } from './event.ts';
import type { Random } from './random.ts';
import type { Translator } from './translate.ts';

/** Commits that a client makes in one go while it is offline, at the most. */
const LONGEST_RUN = 60;

/**
 * Plays a linear history with `count` clients. One after another, chosen at random, comes online, catches up, goes
 * offline again and makes a run of commits there; on its return it sends them. All the others stay offline meanwhile,
 * each where it was. At the end all come back.
 */
export async function playLinear(options: {
  server: string;
  token: string;
  channel: Id;
  count: number;
  batches: Batch[];
  translator: Translator;
  random: Random;
  progress: Progress;
}): Promise<CambiumClient[]> {
  const { batches, translator, random } = options;
  const clients: CambiumClient[] = [];
  for (let i = 0; i < options.count; i += 1) {
    const client = await connect(options.server, options.token);
    await persist(() => client.follow(options.channel));
    clients.push(client);
  }
  for (let at = 0; at < batches.length;) {
    const client = clients[random.below(clients.length)] as CambiumClient;
    await persist(() => client.sync());
    const channel = client.channel(options.channel);
    for (let left = 1 + random.below(LONGEST_RUN); left > 0 && at < batches.length; left -= 1, at += 1) {
      const { events } = batches[at] as Batch;
      await channel.write(events.flatMap((event) => translator.changes(event)));
      options.progress.add(events.length);
    }
    await persist(() => client.sync());
  }
  for (const client of clients) await persist(() => client.sync());
  return clients;
}
