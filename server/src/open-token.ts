import { join } from 'node:path';
import { keep, kept } from './kept.ts';

const pathIn = (dataDir: string) => join(dataDir, 'admin-token');

/**
 * The token that the first start made for `admin`, so that every later start can say where to open the page: kept
 * beside the secret, readable by its owner alone. Null when `ADMIN_TOKEN` has always been given.
 */
export function openToken(dataDir: string, made: string | null): string | null {
  if (made === null) return kept(pathIn(dataDir));
  keep(pathIn(dataDir), made);
  return made;
}
