import { Connection } from '../../ingest/load.ts';

/** The push of RxDB's replication, which answers with the conflicts. */
export async function line(url, channel, batches) {
  const connection = new Connection(url);
  const bodies = batches.map((batch) =>
    Buffer.from(JSON.stringify(batch.map((node) => ({ newDocumentState: { ...node, _deleted: false } })))),
  );
  const answers = [];
  return {
    async run(from, to) {
      for (const body of bodies.slice(from, to)) answers.push(await connection.post(`/c${channel}/0/push`, body));
    },
    accepted: () => answers.reduce((sum, answer, i) => sum + (answer === '[]' ? batches[i].length : 0), 0),
    close: () => connection.close(),
  };
}
