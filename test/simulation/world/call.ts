import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { duplexPair } from 'node:stream';

export interface Sent {
  method: string;
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

export interface Exchange {
  /** The head of the answer; its body is the stream. Rejects when the connection breaks before. */
  answer: Promise<IncomingMessage>;
  /** Breaks the connection for both sides. */
  cut(): void;
}

/**
 * Sends a request to a server that listens nowhere: both ends of a pipe in memory, real HTTP through it. So everything
 * that the server does to a request is done, and no socket brings real time into a run.
 */
export function call(server: Server, { method, path, headers, body }: Sent): Exchange {
  const [near, far] = duplexPair();
  // The streams of either side report a broken connection to whoever uses them; nobody else needs to hear of it.
  near.on('error', () => undefined);
  far.on('error', () => undefined);
  server.emit('connection', far);
  const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const request = httpRequest({
    createConnection: () => near,
    method,
    path,
    headers: { ...headers, ...length, host: 'simulation', connection: 'close' },
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
    request.on('close', () => reject(new Error('the connection was closed')));
  });
  request.end(body ?? undefined);
  const cut = () => {
    near.destroy(new Error('the connection was cut'));
    far.destroy();
  };
  return { answer, cut };
}

export async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
