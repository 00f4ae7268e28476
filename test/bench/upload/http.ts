import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';

let agent = new Agent({ keepAlive: true });

/** New connections from here on: idle ones may have been closed by the other side meanwhile. */
export function reconnect(): void {
  agent.destroy();
  agent = new Agent({ keepAlive: true });
}

export interface Sent {
  status: number;
  headers: IncomingMessage['headers'];
}

/** Sends a body whose chunks come one after the other, as fast as the other side takes them. */
export async function send(
  method: string,
  url: string,
  headers: Record<string, string | number>,
  chunks: readonly Uint8Array[] = [],
): Promise<Sent> {
  const length = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  const sent = request(url, { method, agent, headers: { ...headers, 'Content-Length': length } });
  // Rejects when the connection breaks; an early answer ends the sending.
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  let isOver = false;
  const end = () => void (isOver = true);
  answered.then(end, end);
  sent.on('error', end);
  for (const chunk of chunks) {
    if (isOver) break;
    if (!sent.write(chunk)) await Promise.race([once(sent, 'drain'), answered]);
  }
  if (!isOver) sent.end();
  const [answer] = await answered;
  let body = '';
  for await (const text of answer.setEncoding('utf8') as AsyncIterable<string>) body += text;
  const status = answer.statusCode ?? 0;
  if (status >= 300) throw new Error(`${method} ${url} answered ${status}: ${body}`);
  return { status, headers: answer.headers };
}

/** Does it with all, `width` at a time. */
export async function inParallel<T>(
  all: readonly T[],
  width: number,
  work: (one: T) => Promise<unknown>,
): Promise<void> {
  const left = all.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const one of left) await work(one);
    }),
  );
}
