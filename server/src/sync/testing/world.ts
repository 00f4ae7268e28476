import { randomBytes } from 'node:crypto';
import type { ChangeResult, Id, JsonObject } from '@cambium/protocol';
import { ensureServerId } from '../../database/identity.ts';
import { migrate, openDatabase, type Connection } from '../../database/open.ts';
import type { ServerDeps } from '../../deps.ts';
import { inlineWriter } from '../../writer/inline.ts';
import type { SyncAnswer, User, Writer } from '../../writer/writer.ts';

/** A server without HTTP, in memory, for tests: a writer, its database and two users. */
export interface World {
  connection: Connection;
  writer: Writer;
  deps: ServerDeps;
  owner: User;
  stranger: User;
  /** Logged errors, which a test may expect or not. */
  errors: object[];
}

export function testDeps(errors: object[] = [], now: () => number = Date.now): ServerDeps {
  const ignore = () => undefined;
  return {
    clock: { now },
    timers: { after: () => ignore },
    random: (length) => randomBytes(length),
    log: { debug: ignore, info: ignore, warn: ignore, error: (fields) => void errors.push(fields) },
  };
}

export async function testWorld(path = ':memory:', now?: () => number, examines = false): Promise<World> {
  const errors: object[] = [];
  const deps = testDeps(errors, now);
  const connection = openDatabase(path, { synchronous: 'NORMAL' });
  await migrate(connection.db);
  ensureServerId(connection.raw, deps);
  const writer = inlineWriter(connection.raw, deps, examines);
  const add = async (username: string) => (await writer.command('user.add', { username })).user;
  return { connection, writer, deps, owner: await add('owner'), stranger: await add('stranger'), errors };
}

export function id(): Id {
  return randomBytes(16).toString('hex');
}

export type Sent = JsonObject & { type: string };

/** One client: numbers its changes and sends them. */
export class TestClient {
  readonly clientId: Id = id();
  readonly #writer: Writer;
  readonly #user: User;
  rev = 0;

  constructor(writer: Writer, user: User) {
    this.#writer = writer;
    this.#user = user;
  }

  change(type: string, channel: Id, key: Id | Id[], more: JsonObject = {}): Sent {
    this.rev += 1;
    return { rev: this.rev, type, table: 'contentnode', key, channel_id: channel, ...more };
  }

  channel(channel: Id, name = 'A channel'): Sent {
    return { ...this.change('CREATED', channel, channel, { obj: { name } }), table: 'channel' };
  }

  topic(channel: Id, key: Id, parent: Id, title = 'A topic'): Sent {
    return this.change('CREATED', channel, key, { obj: { parent, kind: 'topic', title } });
  }

  updated(channel: Id, key: Id, mods: JsonObject, more: JsonObject = {}): Sent {
    return this.change('UPDATED', channel, key, { mods, ...more });
  }

  moved(channel: Id, key: Id, target: Id, position = 'last-child'): Sent {
    return this.change('MOVED', channel, key, { target, position });
  }

  copied(channel: Id, key: Id, from_key: Id, target: Id, more: JsonObject = {}): Sent {
    return this.change('COPIED', channel, key, { from_key, target, ...more });
  }

  deleted(channel: Id, key: Id): Sent {
    return this.change('DELETED', channel, key);
  }

  answer(changes: Sent[], more: JsonObject = {}): Promise<SyncAnswer> {
    const body = JSON.stringify({ client_id: this.clientId, protocol: 1, changes, ...more });
    return this.#writer.sync(this.#user, new TextEncoder().encode(body));
  }

  async send(...changes: Sent[]): Promise<ChangeResult[]> {
    return JSON.parse((await this.answer(changes)).results) as ChangeResult[];
  }

  /** The statuses and codes alone, as a test likes to compare them. */
  async verdicts(...changes: Sent[]): Promise<string[]> {
    return (await this.send(...changes)).map(verdictOf);
  }
}

export function verdictOf(result: ChangeResult): string {
  return 'errors' in result ? `${result.status}: ${result.errors.map(({ code }) => code).join(',')}` : result.status;
}

/** Titles in document order, each behind two spaces a level. */
export function outline({ connection }: World, channel: Id): string[] {
  const text = `SELECT n.depth, n.title FROM node n JOIN channel c ON c.pk = n.channel WHERE c.id = ? ORDER BY n.lft`;
  const rows = connection.raw.prepare<[Id], { depth: number; title: string }>(text).all(channel);
  return rows.map(({ depth, title }) => '  '.repeat(depth) + title);
}
