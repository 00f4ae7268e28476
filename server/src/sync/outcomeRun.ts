import { DIGEST_BYTES } from './digest.ts';

/** A row of `outcome`: what became of revs of one client that follow one another without a gap. */
export interface RunRecord {
  first: number;
  last: number;
  /** The changes' digests, one behind the other. */
  digests: Uint8Array;
  /** Results as JSON, a line each, empty once acknowledged; null when all are. */
  bodies: string | null;
}

/** What became of one rev. */
export interface Outcome {
  /** Hex. */
  digest: string;
  /** Null once acknowledged. */
  body: string | null;
}

/** The outcomes of one row, which is taken apart only as far as somebody asks. */
export class OutcomeRun {
  readonly #record: RunRecord;
  #lines: string[] | undefined;

  constructor(record: RunRecord) {
    this.#record = record;
  }

  has(rev: number): boolean {
    return rev >= this.#record.first && rev <= this.#record.last;
  }

  at(rev: number): Outcome | undefined {
    if (!this.has(rev)) return undefined;
    const { first, digests, bodies } = this.#record;
    const place = rev - first;
    const digest = Buffer.from(digests).toString('hex', place * DIGEST_BYTES, (place + 1) * DIGEST_BYTES);
    this.#lines ??= bodies === null ? [] : bodies.split('\n');
    return { digest, body: this.#lines[place] || null };
  }

  *revs(): Generator<number> {
    for (let rev = this.#record.first; rev <= this.#record.last; rev += 1) yield rev;
  }

  /** The column `bodies` without the words of revs up to `acked`. */
  bodiesAfter(acked: number): string | null {
    const { first, last, bodies } = this.#record;
    if (bodies === null || acked >= last) return null;
    return bodies
      .split('\n')
      .map((line, place) => (first + place <= acked ? '' : line))
      .join('\n');
  }
}

/** Rows for outcomes by their revs, which come in any order: a run each, however many they are. */
export function runsOf(outcomes: ReadonlyMap<number, Outcome>): RunRecord[] {
  const runs: RunRecord[] = [];
  const revs = [...outcomes.keys()].sort((a, b) => a - b);
  for (let from = 0; from < revs.length;) {
    let to = from + 1;
    while (to < revs.length && revs[to] === (revs[to - 1] as number) + 1) to += 1;
    runs.push(runOf(revs.slice(from, to), outcomes));
    from = to;
  }
  return runs;
}

function runOf(revs: readonly number[], outcomes: ReadonlyMap<number, Outcome>): RunRecord {
  const all = revs.map((rev) => outcomes.get(rev) as Outcome);
  return {
    first: revs[0] as number,
    last: revs.at(-1) as number,
    digests: Buffer.from(all.map(({ digest }) => digest).join(''), 'hex'),
    bodies: all.map(({ body }) => body ?? '').join('\n'),
  };
}
