import { expect, it } from 'vitest';
import { examine } from '../sync/examine.ts';
import { testDeps } from '../sync/testing/world.ts';
import { Examiner } from './examiner.ts';
import { batchOf } from './testing/batches.ts';

it('examines large bodies in their order, leaves small ones and broken ones, and nobody waits for it when it has ended', async () => {
  const errors: object[] = [];
  const examiner = new Examiner(testDeps(errors).log);
  const bodies = [batchOf(1), batchOf(2), new Uint8Array(10_000), batchOf(3)];
  const answers = await Promise.all(bodies.map((body) => examiner.examine(body)));
  expect(answers.map((answer) => answer && Buffer.from(answer.digests).toString('hex'))).toEqual(
    bodies.map((body) => {
      const expected = examine(body);
      return expected && Buffer.from(expected.digests).toString('hex');
    }),
  );
  expect(answers[2]).toBeNull();
  expect(bodies.map(({ byteLength }) => byteLength > 0)).toEqual([true, true, true, true]);
  expect(await examiner.examine(new TextEncoder().encode('{}'))).toBeNull();

  const flood = await Promise.all(Array.from({ length: 20 }, () => examiner.examine(batchOf(1))));
  expect(flood.map((answer) => answer !== null)).toEqual(Array.from({ length: 20 }, (_, place) => place < 16));

  const waiting = examiner.examine(batchOf(4));
  await examiner.close();
  expect(await waiting).not.toBeNull();
  expect(await examiner.examine(batchOf(5))).toBeNull();
  await examiner.close();
  expect(errors).toEqual([]);
});
