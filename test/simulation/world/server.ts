import { createServer, type Server } from 'node:http';
import type { Id, Role } from '@cambium/protocol';
import type { Log, ServerDeps } from '@cambium/server';
import {
  createApp,
  ensureServerId,
  inlineWriter,
  migrate,
  openDatabase,
  publicBase,
  tokenAuth,
  type Connection,
  type Events,
  type Writer,
} from '@cambium/server/parts';
import Sqlite from 'better-sqlite3';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { Time } from './time.ts';
import type { Trace } from './trace.ts';

export interface SimulatedUser {
  id: Id;
  name: string;
  token: string;
}

/** A planted fault of the server itself: the harness has to notice it. */
export type Bug = 'forgets_outcomes';

/** Virtual milliseconds until a killed server is back. */
const DOWN = 400;

interface Parts {
  time: Time;
  trace: Trace;
  faults: Faults;
  random: Random;
  bug?: Bug | undefined;
}

/**
 * The real server, request by request, over a database that outlives it. Killing it is what SIGKILL does: whatever was
 * not committed is gone, every connection breaks, and a new one starts with nothing but the database.
 */
export class SimulatedServer {
  readonly connection: Connection;
  /** Errors that the server logged and that no fault of ours explains. */
  readonly faultsOfItsOwn: string[] = [];
  clockOffset = 0;
  #http: Server | null = null;
  #writer: Writer | null = null;
  #events: Events | null = null;
  /** Breaks every connection of the running server. */
  #cuts = new Set<() => void>();
  #isKilled = false;
  /** Its clock never says the same twice: the times of entries then tell the order of all logs together. */
  #ticks = 0;
  /** Requests that fail at this moment have their reason. */
  #diskFullAt = 0;
  readonly #parts: Parts;

  private constructor(connection: Connection, parts: Parts) {
    this.connection = connection;
    this.#parts = parts;
  }

  static async create(parts: Parts): Promise<SimulatedServer> {
    const connection = openDatabase(':memory:', { synchronous: 'NORMAL' });
    await migrate(connection.db);
    const server = new SimulatedServer(connection, parts);
    ensureServerId(connection.raw, server.#deps());
    server.#interceptCommits();
    server.start();
    return server;
  }

  /** The running server, or null while it is down. */
  get http(): Server | null {
    return this.#http;
  }

  start(): void {
    if (this.#http) return;
    const deps = this.#deps();
    const { raw, db } = this.connection;
    const writer = inlineWriter(raw, deps, true);
    const parts = {
      ...deps,
      auth: tokenAuth(db),
      writer,
      db,
      raw,
      publicBase: publicBase(null, () => 'http://simulation'),
      storageUsed: () => 0,
    };
    const { app, events } = createApp(parts, { corsOrigins: [], bytes: [], beside: [] });
    this.#http = createServer(app);
    this.#writer = writer;
    this.#events = events;
    this.#isKilled = false;
  }

  /** To be told of every connection: `cut` is called when the server dies. Returns what ends that. */
  watch(cut: () => void): () => void {
    this.#cuts.add(cut);
    return () => this.#cuts.delete(cut);
  }

  /** Ends the process at once; it is back some time later. */
  kill(): void {
    if (!this.#http) return;
    this.#parts.trace.add('server dies');
    this.#isKilled = true;
    this.#events?.close();
    this.#http = null;
    this.#writer = null;
    for (const cut of this.#cuts) cut();
    this.#cuts.clear();
    this.#parts.time.after(DOWN, () => this.start());
  }

  async addUser(name: string): Promise<SimulatedUser> {
    const { user, token } = await this.#running().command('user.add', { username: name });
    if (token === null) throw new Error('a new user has a token');
    return { id: user.id, name, token };
  }

  /** Gives a role, or takes it away; on the server itself, as an administrator does. */
  async setRole(channel: Id, user: Id, role: Role | null): Promise<void> {
    if (role === null) await this.#running().command('member.remove', { channel, user, by: null });
    else await this.#running().command('member.set', { channel, user, role, by: null });
  }

  close(): void {
    this.#isKilled = true;
    this.#events?.close();
    this.#http = null;
    this.connection.close();
  }

  #running(): Writer {
    if (!this.#writer) throw new Error('the server is down');
    return this.#writer;
  }

  #deps(): ServerDeps {
    const { time, random } = this.#parts;
    const ignore = () => undefined;
    const log: Log = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (fields, message) => {
        const text = `${message}: ${JSON.stringify(fields)}`;
        const isExcused =
          text.includes(INJECTED) || (text.includes('internal_error') && time.now() === this.#diskFullAt);
        if (!this.#isKilled && !isExcused) this.faultsOfItsOwn.push(text);
      },
    };
    const now = () => time.now() + this.clockOffset + (this.#ticks += 1);
    return { clock: { now }, timers: { after: time.after }, random: random.bytes, log };
  }

  /** COMMIT is where everything is decided; there the process may die, on either side of it, or the disk be full. */
  #interceptCommits(): void {
    const { raw } = this.connection;
    const exec = raw.exec.bind(raw);
    raw.exec = (sql) => {
      if (this.#isKilled) throw new Sqlite.SqliteError(`${INJECTED}: the process is dead`, 'SQLITE_IOERR');
      if (sql !== 'COMMIT') return exec(sql);
      const fault = this.#parts.faults.commit();
      if (fault !== null) this.#parts.trace.add(`server ${fault}`);
      if (fault === 'disk_full') {
        this.#diskFullAt = this.#parts.time.now();
        throw new Sqlite.SqliteError(INJECTED, 'SQLITE_FULL');
      }
      if (fault !== 'killed_before_commit') exec(sql);
      else exec('ROLLBACK');
      if (this.#parts.bug === 'forgets_outcomes') exec(FORGET);
      if (fault !== null) {
        this.kill();
        throw new Sqlite.SqliteError(`${INJECTED}: ${fault}`, 'SQLITE_IOERR');
      }
      return raw;
    };
  }
}

/** Of each client only the last outcome stays. */
const FORGET = `DELETE FROM outcome WHERE last < (SELECT last_rev FROM client WHERE pk = outcome.client)`;

/** Marks what the harness did itself. */
const INJECTED = 'injected fault';
