import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json, JsonObject } from '@cambium/protocol';
import { ADMIN_COMMANDS } from './admin.ts';
import { startCompactor } from './compact/compactor.ts';
import { statement } from './database/statement.ts';
import type { ServerDeps } from './deps.ts';
import { openDialects } from './dialects/index.ts';
import { openFiles, USAGE } from './files/index.ts';
import { adminRoutes } from './http/admin.ts';
import { answerOnce } from './http/answer.ts';
import { createApp } from './http/app.ts';
import { tokenAuth } from './http/auth.ts';
import { publicBase } from './http/base.ts';
import { readJsonObject } from './http/body.ts';
import { answerClientErrors } from './http/client-error.ts';
import { failing } from './http/fail.ts';
import { healthRoutes } from './http/health.ts';
import { limitIdleness } from './http/idle.ts';
import { openMetrics } from './http/metrics/metrics.ts';
import { siteRoutes } from './http/site.ts';
import { closeServer } from './http/stop.ts';
import { tellToken } from './open-token.ts';
import { removeRunFile, writeRunFile } from './run-file.ts';
import { keptSecret } from './secret.ts';
import { seed } from './seed.ts';
import { SettingsError, type Settings } from './settings.ts';
import { openStore, type Store, type StoreOptions } from './store.ts';
import { realWorld } from './world.ts';
import type { User, Writer } from './writer/writer.ts';

/** Milliseconds after which a stop is told to take longer: requests have had their time by then, only the writer has not. */
const SLOW_STOP = 4_000;

export interface StartOptions extends Partial<StoreOptions> {
  /** Parts of the world that are not the real one. */
  world?: Partial<ServerDeps>;
}

export interface RunningServer {
  /** Where it listens, such as `http://127.0.0.1:8787`. */
  url: string;
  port: number;
  /** The administrator's token, when this start made it: to be printed once. */
  firstToken?: string;
  /** Opens the page on this machine: told at each start while nobody else can see it and no other token was given. */
  openToken?: string;
  /** A command of the administrator (`ADMIN_COMMANDS`), in this process. */
  admin(name: string, input?: JsonObject): Promise<Json>;
  /** Finishes requests in flight, closes everything. Calling it again waits for the same end. */
  stop(): Promise<void>;
}

/**
 * Starts a server; resolves when it serves requests. Throws a `SettingsError`, one line for a person, when the folder
 * is in use or the port is taken.
 */
export async function startServer(settings: Settings, options: StartOptions = {}): Promise<RunningServer> {
  const deps: ServerDeps = { ...realWorld(settings.logLevel), ...options.world };
  const store = await openStore(settings, deps, { writer: 'thread', ...options });
  const server = createServer();
  limitIdleness(server);
  answerClientErrors(server);
  try {
    if (store.admin.lacksCourse && settings.adminToken === null) await seed(store.writer, store.admin.user, deps);
    let url = '';
    const parts = await assemble(settings, deps, store, () => url);
    server.on('request', parts.app);
    server.on('checkContinue', (req, res) => {
      if (!parts.dialects.answersExpect(req.url ?? '')) res.writeContinue();
      parts.app(req, res);
    });
    url = await listen(server, settings);
    writeRunFile(settings.dataDir, { pid: process.pid, url: localUrl(url), secret: parts.adminSecret });
    deps.log.info({ url, dataDir: settings.dataDir }, 'ready');
    let stopped: Promise<void> | undefined;
    const { port } = server.address() as AddressInfo;
    const told = settings.adminToken === null ? tellToken(settings.dataDir) : null;
    const local = isLoopback(settings.host);
    return {
      url,
      port,
      ...(told?.first && !local ? { firstToken: told.token } : {}),
      ...(told && local ? { openToken: told.token } : {}),
      admin: async (name, input = {}) =>
        parts.admin(name, input) ?? Promise.reject(new Error(`there is no command ${name}`)),
      stop: () => (stopped ??= stop(settings, deps, store, server, parts)),
    };
  } catch (error) {
    server.close();
    await store.close();
    throw error;
  }
}

type Parts = Awaited<ReturnType<typeof assemble>>;

async function assemble(settings: Settings, deps: ServerDeps, store: Store, url: () => string) {
  const { reader } = store;
  const { db, raw } = reader;
  const metrics = openMetrics({ raw, clock: deps.clock });
  const writer = metrics.measured(store.writer);
  const auth = tokenAuth(db);
  const base = publicBase(settings.publicUrl, url);
  const storageUsed = (user: Pick<User, 'pk'>) =>
    statement<[object], { used: number }>(raw, USAGE).get({
      user: user.pk,
      now: new Date(deps.clock.now()).toISOString(),
    })?.used ?? 0;
  const secret = settings.secret ?? keptSecret(settings.dataDir, deps.random);
  const command: Writer['command'] = (name, input) => writer.command(name, input);
  const files = await openFiles({
    ...deps,
    auth: (req) => auth.user(req),
    fail: failing(deps.log),
    readJson: readJsonObject,
    publicBase: base,
    commit: (request) => writer.commit(request),
    answerOnce: (request, run) => answerOnce({ db, clock: deps.clock, writer, publicBase: base }, request, run),
    command,
    readDb: db,
    storage: settings.storageDir,
    settings: { ...settings, secret },
  });
  const { intake, media } = files;
  const dialects = openDialects(settings.dialects, {
    ...deps,
    command,
    intake,
    media,
    storageUsed,
    secret,
    holder: (token) => auth.holder(token),
    readDb: db,
    publicBase: base,
    maxFileSize: settings.maxFileSize,
    classquizTypes: settings.classquizTypes,
  });
  const onRevoked = () => {
    auth.forget();
    events.recheck();
  };
  const admin = (name: string, input: JsonObject) =>
    ADMIN_COMMANDS.get(name)?.({ writer, reader, onRevoked, compact: (keep) => compactor.compact(keep) }, input) ??
    null;
  const adminSecret = Buffer.from(deps.random(32)).toString('base64url');
  const { app, events, readers, searchIndex } = createApp(
    { ...deps, auth, writer, db, raw, publicBase: base, storageUsed },
    {
      observe: metrics.observe,
      dialects: settings.dialects,
      corsOrigins: settings.corsOrigins,
      bytes: [files.router, dialects.router],
      fallback: [dialects.fallback],
      beside: [
        metrics.router,
        healthRoutes({ db, file: settings.databaseFile, storage: settings.storageDir, log: deps.log }),
        adminRoutes({ secret: adminSecret, run: admin }),
        siteRoutes(settings.publicUrl),
      ],
    },
  );
  metrics.countStreams(events.count);
  searchIndex.start();
  const compactor = startCompactor({
    ...deps,
    reader,
    writer,
    keep: settings.logKeep,
    noteReaders: () => readers.flush(),
  });
  return { app, events, readers, searchIndex, compactor, files, dialects, admin, adminSecret };
}

async function stop(settings: Settings, deps: ServerDeps, store: Store, server: Server, parts: Parts): Promise<void> {
  deps.log.info({}, 'stopping');
  const sayNothing = deps.timers.after(SLOW_STOP, () => deps.log.warn({}, 'stopping waits for what is being written'));
  removeRunFile(settings.dataDir);
  parts.events.close();
  // Its last step waits for the writer; nobody connects meanwhile.
  const compacted = parts.compactor.stop();
  await closeServer(server, deps.timers);
  await compacted;
  await parts.dialects.stop();
  await parts.files.stop();
  await parts.searchIndex.close();
  await parts.readers.flush();
  await store.close();
  sayNothing();
}

function listen(server: Server, { host, port }: Settings): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const known = error.code !== undefined && LISTEN_ERRORS[error.code];
      reject(known ? new SettingsError(`${host}:${port} ${known}`) : error);
    });
    server.listen(port, host, () => {
      const address = server.address() as AddressInfo;
      const name = address.family === 'IPv6' && host.includes(':') ? `[${host}]` : host;
      resolve(`http://${name}:${address.port}`);
    });
  });
}

const LISTEN_ERRORS: Record<string, string> = {
  EADDRINUSE: 'is in use by another program',
  EADDRNOTAVAIL: 'is no address of this machine',
  EACCES: 'may not be listened on',
  ENOTFOUND: 'is no address of this machine',
};

/** The same for a program on this machine: who listens everywhere is reached by loopback. */
function localUrl(url: string): string {
  return url.replace('://0.0.0.0:', '://127.0.0.1:').replace('://[::]:', '://[::1]:');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
