import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OutcomeRun, runsOf, type Outcome } from './outcomeRun.ts';

const digest = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const outcome = fc.record<Outcome>({ digest, body: fc.json() });
const outcomes = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 60 }), outcome), { selector: ([rev]) => rev, minLength: 1 })
  .map((list) => new Map(list));

it('keeps every outcome, however its revs are spread, in as few rows as there are runs', () => {
  fc.assert(
    fc.property(outcomes, (all) => {
      const runs = runsOf(all).map((record) => new OutcomeRun(record));
      for (let rev = 0; rev <= 61; rev += 1) {
        const found = runs.flatMap((run) => run.at(rev) ?? []);
        expect(found).toEqual(all.has(rev) ? [all.get(rev)] : []);
      }
      expect(runs.flatMap((run) => [...run.revs()])).toEqual([...all.keys()].sort((a, b) => a - b));
      expect(runs.length).toBe([...all.keys()].filter((rev) => !all.has(rev - 1)).length);
    }),
  );
});

it('forgets the words up to a rev and nothing else', () => {
  fc.assert(
    fc.property(outcomes, fc.integer({ min: 0, max: 61 }), (all, acked) => {
      for (const record of runsOf(all)) {
        const after = new OutcomeRun({ ...record, bodies: new OutcomeRun(record).bodiesAfter(acked) });
        for (const rev of after.revs()) {
          const { digest, body } = all.get(rev) as Outcome;
          expect(after.at(rev)).toEqual({ digest, body: rev <= acked ? null : body });
        }
      }
    }),
  );
});
