import { Client } from '../../ingest/author.ts';
import { TOKEN } from '../../ingest/child.ts';

/** The snapshot alone: every line parsed, kept in an array, stored nowhere. */
export async function join(url) {
  const rows = [];
  return {
    async pull() {
      const path = `${url}/api/channel/${new Client(1).channel}/snapshot`;
      const response = await fetch(path, { headers: { authorization: `Bearer ${TOKEN}` } });
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      let rest = '';
      for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        for (const line of lines) rows.push(JSON.parse(line));
      }
    },
    nodes: () => rows.flatMap(({ row }) => (row?.parent_id ? [{ ...row, parent: row.parent_id }] : [])),
  };
}
