import { filter, firstValueFrom, timeout } from 'rxjs';
import { expect, it } from 'vitest';
import { live } from './live.ts';
import { FakeServer } from './testing/fake-server.ts';
import { Device } from './testing/open.ts';

it('sees what a query reads after it has waited for another function', async () => {
  const client = await new Device(new FakeServer()).open();
  const { database } = client;
  const inner = async () => (await database.meta.get('aside'))?.value;
  const first = async () => (await inner()) ?? [];
  const query = async () => {
    await first();
    return database.pending.count();
  };
  const counts$ = live(() => query());
  const seen: number[] = [];
  const subscription = counts$.subscribe((count) => seen.push(count));
  await firstValueFrom(counts$.pipe(filter((count) => count === 0)));
  const grown = firstValueFrom(
    counts$.pipe(
      filter((count) => count === 1),
      timeout(5_000),
    ),
  );
  await expect.poll(() => seen).toEqual([0]);
  await client.createChannel({ name: 'Course' });
  await grown;
  await expect.poll(() => seen.at(-1)).toBe(1);
  subscription.unsubscribe();
  await client.close();
});
