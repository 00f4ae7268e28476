import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readSettings } from '../settings.ts';
import { startServer } from '../start.ts';
import { answerClientErrors } from './client-error.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<number> {
  server = createServer(listener);
  answerClientErrors(server);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Everything that comes back, until the other side closes. */
function talk(port: number, text: string, go?: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(text);
      go?.(socket);
    });
    let said = '';
    socket.on('data', (bytes: Buffer) => (said += bytes.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said));
  });
}

function read(said: string): { status: number; headers: string[]; code: unknown } {
  const [head = '', body = ''] = said.split('\r\n\r\n');
  const [line = '', ...headers] = head.split('\r\n');
  const { error } = JSON.parse(body) as { error: { code: string; message: string } };
  expect(error.message).toMatch(/^[A-Z].*\.$/);
  expect(headers).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
  return { status: Number(line.split(' ')[1]), headers, code: error.code };
}

const long = 'x'.repeat(20_000);
const unheard: [string, string, number, string][] = [
  ['a header of more than 16 KiB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${long}\r\n\r\n`, 413, 'too_large'],
  ['an address of more than 16 KiB', `GET /${long} HTTP/1.1\r\nHost: a\r\n\r\n`, 413, 'too_large'],
  ['a mebibyte of headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(2 ** 20)}\r\n\r\n`, 413, 'too_large'],
  ['what is no HTTP', 'hello there\r\n\r\n', 400, 'invalid_value'],
  ['a header without a name', 'GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n', 400, 'invalid_value'],
  ['a length that is none', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n', 400, 'invalid_value'],
];

describe('what never becomes a request is answered by the table, and the connection closed', () => {
  it.each(unheard)('%s', async (_what, text, status, code) => {
    const port = await serve(() => expect.unreachable());
    const answer = read(await talk(port, text));
    expect(answer).toMatchObject({ status, code });
    expect(answer.headers).toContain('Connection: close');
  });

  it('by a server that was started, too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cambium-client-error-'));
    const env = { PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'silent', DIALECTS: 'none' };
    const started = await startServer(readSettings(env, folder), { writer: 'inline' });
    for (const [, text, status, code] of unheard)
      expect(read(await talk(started.port, text))).toMatchObject({ status, code });
    await started.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('and no failure of the server: a body that is broken in the packet of its head is not logged', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cambium-client-error-'));
    const logged: unknown[] = [];
    const note = (fields: object, message: string) => void logged.push([message, fields]);
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: note, error: note };
    const env = { PORT: '0', DATA_DIR: folder, DIALECTS: 'none' };
    const started = await startServer(readSettings(env, folder), { writer: 'inline', world: { log } });
    const head = 'Host: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked';
    for (const path of ['/api/sync', '/api/file/upload_url', '/api/upload', '/api/channel', '/']) {
      const said = await talk(started.port, `POST ${path} HTTP/1.1\r\n${head}\r\n\r\nZZ\r\n`);
      expect(read(said)).toMatchObject({ status: 400, code: 'invalid_value' });
    }
    await started.stop();
    rmSync(folder, { recursive: true, force: true });
    expect(logged).toEqual([]);
  });

  it('after an earlier request on the same connection', async () => {
    const port = await serve((_req, res) => res.end('fine'));
    const said = await talk(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', (socket) => {
      socket.once('data', () => setTimeout(() => socket.write('nonsense\r\n\r\n'), 20));
    });
    expect(said.split('HTTP/1.1 ').map((part) => part.slice(0, 3))).toEqual(['', '200', '400']);
    expect(read(said.slice(said.lastIndexOf('HTTP/1.1'))).code).toBe('invalid_value');
  });
});

it('a head that does not come in time is told by 408', async () => {
  server = createServer({ connectionsCheckingInterval: 50 }, () => expect.unreachable());
  answerClientErrors(server);
  server.headersTimeout = 100;
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(read(await talk(port, 'GET / HTTP/1.1\r\n'))).toMatchObject({ status: 408, code: 'invalid_value' });
});

describe('a body that breaks its form', () => {
  const chunked = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';
  const breakLater = (socket: Socket) => setTimeout(() => socket.write('no length\r\n'), 50);

  it('is answered when nothing else was', async () => {
    const port = await serve((req) => req.resume());
    expect(read(await talk(port, chunked, breakLater))).toMatchObject({ status: 400, code: 'invalid_value' });
  });

  it('that its sender broke off is told at once to who reads it, and answered by nobody', async () => {
    let toldAfter = Infinity;
    let began = 0;
    const port = await serve((req) => {
      req.on('error', () => (toldAfter = Date.now() - began));
      req.resume();
    });
    const said = await talk(port, chunked, (socket) => {
      setTimeout(() => {
        began = Date.now();
        socket.end();
      }, 50);
    });
    expect(said).toBe('');
    expect(toldAfter).toBeLessThan(500);
  });

  it('is cut off when an answer has begun', async () => {
    const port = await serve((req, res) => {
      req.resume();
      res.writeHead(200, { 'Content-Length': 1000 });
      res.write('begun');
    });
    const said = await talk(port, chunked, breakLater);
    expect(said).toMatch(/^HTTP\/1.1 200 /);
    expect(said).toMatch(/begun$/);
  });

  it('never stands for the answer to the request before it', async () => {
    const port = await serve((_req, res) => setTimeout(() => res.end('late'), 200));
    const said = await talk(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', (socket) => {
      setTimeout(() => socket.write('nonsense\r\n\r\n'), 50);
    });
    expect(said).toBe('');
  });
});
