import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keep, kept } from './kept.ts';

const toldIn = (dataDir: string) => join(dataDir, 'admin-token');
const untoldIn = (dataDir: string) => join(dataDir, 'admin-token.new');

/** Keeps a token that was just made for `admin`: should this start fail, the next one tells it. */
export function keepToken(dataDir: string, made: string): void {
  rmSync(untoldIn(dataDir), { force: true });
  keep(untoldIn(dataDir), made);
}

/**
 * The token that was made for `admin`, so that every start can say where to open the page: kept beside the secret,
 * readable by its owner alone. `first`: nobody was told it yet. Null when `ADMIN_TOKEN` has always been given.
 */
export function tellToken(dataDir: string): { token: string; first: boolean } | null {
  const untold = kept(untoldIn(dataDir));
  if (untold !== null) renameSync(untoldIn(dataDir), toldIn(dataDir));
  const token = untold ?? kept(toldIn(dataDir));
  return token === null ? null : { token, first: untold !== null };
}
