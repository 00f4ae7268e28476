import { Refusal } from '@cambium/protocol';
import { tooLarge } from '../files/index.ts';
import type { User } from '../writer/writer.ts';
import type { DialectDeps } from './deps.ts';

/**
 * How much may come in one stream before it is clear that it cannot be kept. Bytes that the user has already cost
 * nothing, so there is always room for the largest of them. Whether the whole is kept the file service decides.
 */
export async function roomOf(
  deps: Pick<DialectDeps, 'readDb' | 'storageUsed' | 'maxFileSize'>,
  user: User,
): Promise<{ most: number; refusal: () => Error }> {
  const { maxFileSize } = deps;
  const bySize = { most: maxFileSize, refusal: () => tooLarge(maxFileSize) };
  if (user.admin) return bySize;
  const { storage_limit: limit } = await deps.readDb
    .selectFrom('user')
    .select('storage_limit')
    .where('pk', '=', user.pk)
    .executeTakeFirstOrThrow();
  const largest = await deps.readDb
    .selectFrom('file')
    .select((eb) => eb.fn.max('file_size').as('size'))
    .where('uploaded_by', '=', user.pk)
    .where('uploaded', '=', 1)
    .executeTakeFirst();
  const used = deps.storageUsed(user);
  const most = Math.max(limit - used, largest?.size ?? 0, 0);
  return most < maxFileSize
    ? { most, refusal: () => new Refusal('quota_exceeded', { details: { used, limit } }) }
    : bySize;
}
