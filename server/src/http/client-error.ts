import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS, protocolError, type ProtocolError } from '@cambium/protocol';

/** Milliseconds that a refused sender gets to read why, while what still comes from it is thrown away. */
const LINGER = 2_000;

interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
}

/** Answers that were given here while their request was on its way to who would have given them. */
const given = new WeakSet<ServerResponse>();

/** Did a handler stumble over the answer that its request had got already, since it broke off being one? */
export function isTooLate(thrown: unknown, res: ServerResponse): boolean {
  return given.has(res) && (thrown as { code?: unknown } | null)?.code === 'ERR_HTTP_HEADERS_SENT';
}

/**
 * Answers what never became a request, or broke off being one, as everything else is answered: by the table of errors.
 * Node's own answer has no body. Once an answer has begun, a cut connection is all that can be said.
 */
export function answerClientErrors(server: Server): void {
  const exchanges = new WeakMap<Duplex, Exchange>();
  const answered = new WeakSet<Duplex>();
  const note = (req: IncomingMessage, res: ServerResponse) => {
    const { socket } = req;
    exchanges.set(socket, { req, res });
    res.once('close', () => {
      if (exchanges.get(socket)?.res === res) exchanges.delete(socket);
    });
  };
  server.prependListener('request', note);
  server.prependListener('checkContinue', note);

  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // What follows the piece that was refused is as malformed.
    if (answered.has(socket)) return;
    const exchange = exchanges.get(socket);
    // A request that came whole has its answer on the way: the fault lies in what was sent behind it.
    const isTaken = exchange !== undefined && (exchange.res.headersSent || exchange.req.complete);
    // Who breaks off in the midst of a body has left, and whoever reads that body must hear of it at once.
    const hasLeft = error.code === 'ECONNRESET' || (exchange !== undefined && error.code === 'HPE_INVALID_EOF_STATE');
    if (hasLeft || !socket.writable || isTaken) {
      socket.destroy();
      return;
    }
    answered.add(socket);
    setTimeout(() => socket.destroy(), LINGER).unref();
    const { status, refusal } = verdict(error);
    if (exchange) sendBy(exchange.res, status, refusal);
    else socket.end(messageOf(status, refusal));
  });
}

function verdict({ code }: NodeJS.ErrnoException): { status: number; refusal: ProtocolError } {
  if (code === 'HPE_HEADER_OVERFLOW' || code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') {
    const message = 'The address and the headers of a request are too long together.';
    return { status: ERRORS.too_large.status, refusal: protocolError('too_large', { message }) };
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    // 408 alone says to a browser that opened a connection in advance that nothing it asked for was answered.
    const message = 'The head of the request did not come in time.';
    return { status: 408, refusal: protocolError('invalid_value', { message }) };
  }
  const message = 'The request is not well-formed HTTP.';
  return { status: ERRORS.invalid_value.status, refusal: protocolError('invalid_value', { message }) };
}

function sendBy(res: ServerResponse, status: number, error: ProtocolError): void {
  given.add(res);
  const body = JSON.stringify({ error });
  res.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  });
  res.end(body);
}

function messageOf(status: number, error: ProtocolError): string {
  const body = JSON.stringify({ error });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
