import type { ReadableStream } from 'node:stream/web';
import type { FileRow, Id, NodeRow } from '@cambium/protocol';
import { Failure } from './fail.ts';
import { lines } from './lines.ts';
import { persist } from './patience.ts';
import { refusalIn } from './refusal.ts';

/** A channel's nodes in document order and its files, from the server's snapshot. */
export async function readSnapshot(
  server: string,
  token: string,
  channel: Id,
): Promise<{ nodes: NodeRow[]; files: FileRow[] }> {
  const headers = { authorization: `Token ${token}` };
  const answer = await persist(() => fetch(`${server}/api/channel/${channel}/snapshot`, { headers }));
  if (!answer.ok || answer.body === null)
    throw new Failure(`the channel could not be read: ${await refusalIn(answer)}`);
  const nodes: NodeRow[] = [];
  const files: FileRow[] = [];
  let ended = false;
  for await (const text of lines(answer.body as ReadableStream<Uint8Array>)) {
    const line = JSON.parse(text) as { table?: string; row?: NodeRow & FileRow; end?: boolean };
    if (line.table === 'contentnode' && line.row !== undefined) nodes.push(line.row);
    if (line.table === 'file' && line.row !== undefined) files.push(line.row);
    ended ||= line.end === true;
  }
  if (!ended) throw new Failure("the server's snapshot was cut off");
  return { nodes, files };
}
