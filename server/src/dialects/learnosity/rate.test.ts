import { expect, it } from 'vitest';
import { RateLimit } from './rate.ts';

it('lets as many through as it says, in any span of that length', () => {
  let now = 0;
  const limit = new RateLimit({ now: () => now }, { most: 3, within: 5_000 });
  const ask = (at: number, key = 'k') => {
    now = at;
    return limit.take(key);
  };
  expect([ask(0), ask(1_000), ask(4_000), ask(4_999)]).toEqual([null, null, null, 1]);
  expect([ask(5_000), ask(5_500), ask(6_000)]).toEqual([null, 500, null]);
  expect(ask(6_000, 'other')).toBeNull();
});

it('forgets keys that nobody uses', () => {
  let now = 0;
  const limit = new RateLimit({ now: () => now }, { most: 2, within: 5_000 });
  for (let i = 0; i < 1_000; i += 1) limit.take(`k${i}`);
  expect(limit.size).toBe(1_000);
  now = 5_000;
  limit.take('k0');
  expect(limit.size).toBe(1);
});

it('goes on when the clock is set back', () => {
  let now = 1_000_000;
  const limit = new RateLimit({ now: () => now }, { most: 1, within: 5_000 });
  limit.take('k');
  now = 0;
  expect(limit.take('k')).toBeNull();
});
