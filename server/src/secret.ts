import { join } from 'node:path';
import type { RandomBytes } from '@cambium/protocol';
import { keep, kept } from './kept.ts';

/** The secret of a data folder: made on the first start, readable by its owner alone. */
export function keptSecret(dataDir: string, random: RandomBytes): string {
  const path = join(dataDir, 'secret');
  const secret = kept(path);
  if (secret === null) {
    const made = Buffer.from(random(32)).toString('base64url');
    keep(path, made);
    return made;
  }
  if (secret.length < 20) throw new Error(`${path} is damaged: delete it to have a new secret made`);
  return secret;
}
