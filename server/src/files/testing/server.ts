import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ERRORS, isJsonObject, protocolError, Refusal, type JsonObject } from '@cambium/protocol';
import express, { type Response } from 'express';
import { ensureServerId } from '../../database/identity.ts';
import { migrate, openDatabase, type Connection } from '../../database/open.ts';
import type { ServerDeps } from '../../deps.ts';
import { answerOnce } from '../../http/answer.ts';
import { inlineWriter } from '../../writer/inline.ts';
import type { User, Writer } from '../../writer/writer.ts';
import type { FilesSettings } from '../deps.ts';
import { openFiles, type FileService } from '../service.ts';

/** The file service over real HTTP with the real writer, and nothing else of the server. */
export interface FilesServer {
  url: string;
  storage: string;
  connection: Connection;
  writer: Writer;
  service: FileService;
  /** The clock, in milliseconds; a test may move it. */
  time: { ahead: number };
  errors: unknown[];
  /** A new user; the token is the name. */
  user(name: string, storageLimit?: number): Promise<User>;
  /** `fetch` as that user; `path` from the root of the server, or absolute. */
  as(name: string, path: string, init?: RequestInit): Promise<globalThis.Response>;
  /** Ends the server as a crash would, without telling anybody, and starts it again on the same folder and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const SETTINGS: FilesSettings = { secret: 'a secret', uploadExpiry: 86_400, blobGrace: 604_800, maxFileSize: 2 ** 40 };

export async function startFiles(settings: Partial<FilesSettings> = {}): Promise<FilesServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cambium-files-'));
  const storage = join(folder, 'storage');
  const users = new Map<string, User>();
  const errors: unknown[] = [];
  const time = { ahead: 0 };
  const deps = worldOf(time, errors);
  let opened = await open(0);

  async function open(port: number) {
    const connection = openDatabase(join(folder, 'cambium.db'), { synchronous: 'NORMAL' });
    await migrate(connection.db);
    ensureServerId(connection.raw, deps);
    const writer = inlineWriter(connection.raw, deps);
    const service = await openFiles({
      ...deps,
      auth: async (req) => {
        const user = users.get((req.headers.authorization ?? '').replace(/^Token /, ''));
        if (!user) throw new Refusal('unauthenticated');
        return user;
      },
      fail: (error, res) => fail(error, res, errors),
      readJson: async (req) => {
        const value: unknown = JSON.parse(await text(req));
        if (!isJsonObject(value)) throw new Refusal('invalid_value');
        return value;
      },
      publicBase: (req) => `http://${req.headers.host}`,
      commit: (request) => writer.commit(request),
      answerOnce: (request, run) =>
        answerOnce(
          { ...deps, db: connection.db, writer, publicBase: (req) => `http://${req.headers.host}` },
          request,
          run,
        ),
      command: (name, input) => writer.command(name, input),
      readDb: connection.db,
      storage,
      settings: { ...SETTINGS, ...settings },
    });
    const app = express();
    app.use(service.router);
    const server = createServer(app);
    server.requestTimeout = 0;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return { connection, writer, service, server };
  }

  const port = (opened.server.address() as AddressInfo).port;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    storage,
    time,
    errors,
    get connection() {
      return opened.connection;
    },
    get writer() {
      return opened.writer;
    },
    get service() {
      return opened.service;
    },
    async user(name, storage_limit) {
      const limit = storage_limit === undefined ? {} : { storage_limit };
      const { user } = await opened.writer.command('user.add', { username: name, ...limit });
      users.set(name, user);
      return user;
    },
    as: (name, path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set('Authorization', `Token ${name}`);
      return fetch(new URL(path, url), { ...init, headers });
    },
    async restart() {
      await close(opened.server);
      opened.connection.close();
      opened = await open(port);
    },
    async stop() {
      await opened.service.stop();
      await close(opened.server);
      await opened.writer.close();
      opened.connection.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

function fail(thrown: unknown, res: Response, errors: unknown[]): void {
  if (!(thrown instanceof Refusal)) errors.push(thrown);
  const error: JsonObject = thrown instanceof Refusal ? { ...thrown.error } : { ...protocolError('internal_error') };
  if (res.headersSent) res.destroy();
  else res.status(ERRORS[error['code'] as keyof typeof ERRORS].status).json({ error });
}

function worldOf(time: { ahead: number }, errors: unknown[]): ServerDeps {
  const ignore = () => undefined;
  return {
    clock: { now: () => Date.now() + time.ahead },
    timers: {
      after(ms, callback) {
        const timer = setTimeout(callback, ms).unref();
        return () => clearTimeout(timer);
      },
    },
    random: (length) => randomBytes(length),
    log: { debug: ignore, info: ignore, warn: ignore, error: (fields) => void errors.push(fields) },
  };
}
