import { Connection } from '../../ingest/load.ts';

/** CouchDB's `_bulk_docs`, which answers for each document. */
export async function line(url, channel, batches) {
  const connection = new Connection(url);
  const bodies = batches.map((batch) =>
    Buffer.from(JSON.stringify({ docs: batch.map(({ id, ...fields }) => ({ _id: id, ...fields })) })),
  );
  const answers = [];
  return {
    async run(from, to) {
      for (const body of bodies.slice(from, to)) answers.push(await connection.post(`/c${channel}/_bulk_docs`, body));
    },
    accepted: () => answers.reduce((sum, answer) => sum + answer.split('"ok":true').length - 1, 0),
    close: () => connection.close(),
  };
}
