import type { Id } from '@cambium/protocol';

import type { UploadRow } from '../database/uploads.ts';
import type { UploadDeps } from './deps.ts';
import { forget } from './intake.ts';

/**
 * Forgets uploads that nobody wants any more; returns the addresses at which the server still keeps something of them.
 * The others of a pack that was begun start anew: its bytes were those of all of them.
 */
export async function giveUp(deps: UploadDeps, ids: readonly Id[]): Promise<string[]> {
  const { upload } = deps.database;
  const rows = (await upload.bulkGet([...ids])).filter((row): row is UploadRow => row !== undefined);
  const urls = new Set(rows.map(({ upload_url }) => upload_url).filter((url): url is string => url !== null));
  await forget(deps, ids);
  await upload
    .filter((row) => row.upload_url !== null && urls.has(row.upload_url))
    .modify({ state: 'waiting', upload_url: null, accepted: 0 });
  return [...urls];
}

/**
 * Ends uploads on the server, which frees the storage that they had reserved. A try and no more: what does not arrive is
 * swept away there when its time is over.
 */
export function endOnServer({ world, token }: UploadDeps, urls: readonly string[]): void {
  const headers = { Authorization: `Token ${token()}`, 'Tus-Resumable': '1.0.0' };
  for (const url of urls) world.fetch(url, { method: 'DELETE', headers }).catch(() => undefined);
}
