import { expect, it } from 'vitest';
import { killAndCompare } from './kills.ts';

it('loses nothing that was acknowledged and does nothing twice when the server is killed', async () => {
  const { changes, repeated, problems } = await killAndCompare(2, Number(process.env['SEED'] ?? 1));
  expect(problems).toEqual([]);
  expect(changes).toBeGreaterThan(0);
  // Without a request that a kill broke off this would have shown nothing.
  expect(repeated).toBeGreaterThan(0);
}, 120_000);
