import { Refusal, type Json, type JsonObject, type ProtocolError } from '@cambium/protocol';
import { ADMIN_COMMANDS } from './admin.ts';
import { startCompactor } from './compact/compactor.ts';
import { readRunFile, type RunFile } from './run-file.ts';
import type { Settings } from './settings.ts';
import { openStore } from './store.ts';
import { realWorld } from './world.ts';

/**
 * Runs a command of the administrator on a data folder: by the server that runs on it, or here when none does.
 * Names: those of `ADMIN_COMMANDS`. Throws a `Refusal` for what the command refuses, a `SettingsError` for a folder
 * that cannot be used.
 */
export async function administer(settings: Settings, name: string, input: JsonObject = {}): Promise<Json> {
  const running = readRunFile(settings.dataDir);
  const answer = running && (await ask(running, name, input));
  return answer ? answer.result : runHere(settings, name, input);
}

/** The running server's answer; null when nobody is there, as after a power cut. */
async function ask(running: RunFile, name: string, input: JsonObject): Promise<{ result: Json } | null> {
  let response: Response;
  try {
    response = await fetch(`${running.url}/admin/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${running.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
  } catch (error) {
    if (isRefused(error)) return null;
    throw error;
  }
  // Another program may have got the port of a server that was killed: it does not know the secret.
  if (response.status === 401 || !response.headers.get('content-type')?.startsWith('application/json')) return null;
  const body = (await response.json()) as { result: Json } | { error: ProtocolError };
  if ('result' in body) return body;
  const { code, ...more } = body.error;
  throw new Refusal(code, more);
}

async function runHere(settings: Settings, name: string, input: JsonObject): Promise<Json> {
  const command = ADMIN_COMMANDS.get(name);
  if (!command) throw new Error(`there is no command ${name}`);
  const world = realWorld(settings.logLevel);
  const store = await openStore(settings, world, { writer: 'inline' });
  const compactor = startCompactor({
    ...world,
    ...store,
    keep: settings.logKeep,
    noteReaders: () => Promise.resolve(),
  });
  try {
    return await command({ ...store, onRevoked: () => undefined, compact: compactor.compact }, input);
  } finally {
    await compactor.stop();
    await store.close();
  }
}

/** Nobody listens there: what a server that was killed leaves behind. */
function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
