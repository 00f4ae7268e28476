import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { packCheckpoint, type CheckpointRow } from './checkpoint.ts';

async function parts(count: number, length: number): Promise<number[]> {
  const row = { table: 'contentnode', row: { description: 'x'.repeat(length) }, rev: 1 } as unknown as CheckpointRow;
  const sizes: number[] = [];
  for await (const packed of packCheckpoint(Array.from({ length: count }, () => row)))
    sizes.push(gunzipSync(packed).toString('utf8').split('\n').length);
  return sizes;
}

test('a part has a thousand rows, or fewer when they are large', async () => {
  expect(await parts(2_500, 10)).toEqual([1_000, 1_000, 500]);
  expect(await parts(10, 1_000_000)).toEqual([5, 5]);
  expect(await parts(0, 1)).toEqual([]);
});
