import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, type Id, type Json, type JsonObject } from '@cambium/protocol';
import { readSettings, type Settings } from '../../settings.ts';
import { contradiction } from '../openapi/testing/validate.ts';
import { startServer, type RunningServer, type StartOptions } from '../../start.ts';
import { realWorld } from '../../world.ts';

export const ADMIN_TOKEN = 'a-token-for-tests-only-1';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: JsonObject;
}

/** One user's view of a running server. */
export class Api {
  readonly url: string;
  readonly token: string | null;
  readonly userId: Id;
  readonly clientId = freshId();
  #rev = 0;

  constructor(url: string, token: string | null, userId: Id = '') {
    this.url = url;
    this.token = token;
    this.userId = userId;
  }

  async call(
    method: string,
    path: string,
    body?: Json | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const bytes = body === undefined ? undefined : body instanceof Uint8Array ? body : JSON.stringify(body);
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(this.token === null ? {} : { authorization: `Token ${this.token}` }),
        ...(bytes === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(bytes === undefined ? {} : { body: bytes as BodyInit }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type');
    const { status } = response;
    const wrong = contradiction({ method, path, status, type, text });
    if (wrong !== null) throw new Error(`${method} ${path} answers otherwise than the API says: ${wrong}`);
    const isJson = method !== 'HEAD' && (type?.startsWith('application/json') ?? false);
    return {
      status,
      headers: response.headers,
      text,
      json: isJson ? (JSON.parse(text) as JsonObject) : {},
    };
  }

  get = (path: string) => this.call('GET', path);
  post = (path: string, body: Json) => this.call('POST', path, body);

  /** Sends changes with revs of this client; returns the whole answer. */
  async sync(changes: JsonObject[], more: JsonObject = {}): Promise<JsonObject> {
    const numbered = changes.map((change) => ({ rev: (this.#rev += 1), ...change }));
    const reply = await this.post('/api/sync', { client_id: this.clientId, protocol: 1, changes: numbered, ...more });
    if (reply.status !== 200) throw new Error(`sync: ${reply.status} ${reply.text}`);
    return reply.json;
  }

  /** Makes a channel with topics under its root, in order; returns their ids. */
  async channel(titles: string[] = [], id = freshId()): Promise<{ id: Id; topics: Id[] }> {
    const topics = titles.map(() => freshId());
    const answer = await this.sync([
      { type: 'CREATED', table: 'channel', key: id, channel_id: id, obj: { name: 'Channel' } },
      ...topics.map((key, i) => topic(id, key, id, titles[i] as string)),
    ]);
    for (const result of answer['results'] as JsonObject[]) {
      if (result['status'] !== 'applied') throw new Error(`a change was refused: ${JSON.stringify(result)}`);
    }
    return { id, topics };
  }
}

export function topic(channel: Id, key: Id, parent: Id, title: string): JsonObject {
  return { type: 'CREATED', table: 'contentnode', key, channel_id: channel, obj: { parent, kind: 'topic', title } };
}

export function freshId(): Id {
  return newId(Date.now(), realWorld('silent').random);
}

export interface TestServer {
  server: RunningServer;
  settings: Settings;
  admin: Api;
  user(name: string): Promise<Api>;
  stop(): Promise<void>;
}

/** A server of its own on a temporary folder and a free port, its writer in the same thread unless told otherwise. */
export async function startTestServer(
  environment: Record<string, string> = {},
  options: StartOptions = {},
): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cambium-http-'));
  const settings = readSettings(
    { PORT: '0', DATA_DIR: folder, ADMIN_TOKEN, LOG_LEVEL: 'error', ...environment },
    folder,
  );
  const server = await startServer(settings, { writer: 'inline', ...options });
  const admin = new Api(server.url, ADMIN_TOKEN);
  return {
    server,
    settings,
    admin,
    async user(name) {
      const { status, json, text } = await admin.post('/api/user', { username: name });
      if (status !== 201) throw new Error(text);
      return new Api(server.url, json['token'] as string, json['id'] as Id);
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
