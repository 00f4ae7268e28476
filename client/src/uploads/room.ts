import { Refusal } from '@cambium/protocol';

import type { UploadDeps } from './deps.ts';

/** Refuses what this device has no room for, as far as the browser tells. */
export async function makeRoom({ world }: UploadDeps, size: number): Promise<void> {
  // The answer to `persist` changes nothing here, and a browser may ask the user before it gives one.
  void world.persist();
  const available = await world.available();
  if (available !== null && available < size) throw noRoom();
}

/** What a full device throws in the midst of storing, in our words; anything else as it is. */
export function explainRoom(error: unknown): unknown {
  return isQuota(error) ? noRoom() : error;
}

/** Browsers throw it themselves or as the reason why a transaction was aborted; Dexie wraps both. */
function isQuota(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { name, inner } = error as { name?: unknown; inner?: unknown };
  return name === 'QuotaExceededError' || isQuota(inner);
}

function noRoom(): Refusal {
  return new Refusal('too_large', {
    field: 'file',
    message: 'This device has no room to keep the file until it is sent.',
  });
}
