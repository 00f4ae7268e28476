import { Client } from '../../ingest/author.ts';
import { appliedIn, Connection } from '../../ingest/load.ts';

/** One client with its connection and its channel: POST /api/sync, every body made before the clock runs. */
export async function line(url, channel, batches) {
  const client = new Client(channel);
  const connection = new Connection(url);
  const made = await connection.post('/api/sync', client.body([client.makeChannel()]));
  if (appliedIn([made]) !== 1) throw new Error(made);
  // The author of the nodes is the same as that of the changes, so the second walk makes the same ids and titles.
  const bodies = batches.map((batch) => client.body(batch.map(() => client.create())));
  const answers = [];
  return {
    async run(from, to) {
      answers.push(...(await connection.sendAll(bodies.slice(from, to))));
    },
    accepted: () => appliedIn(answers),
    close: () => connection.close(),
  };
}
