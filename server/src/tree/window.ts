import type { Overlay } from './overlay.ts';
import type { LabelSpace, Run } from './run.ts';
import type { Token } from './token.ts';

/**
 * Density of a window of 2^i labels is at most (1/TAUT)^i: small windows may be dense, large ones are sparse. The
 * amortised cost of an insertion is O(log n) relabelled tokens (Bender, Cole, Demaine, Farach-Colton, Zito 2002).
 */
const TAUT = 1.4;
/** A wider window that holds at most this share more tokens is taken: more slack for nearly the same cost. */
const FREE_GROWTH = 0.15;
/** The part of the slack that goes to the gap where tokens come in, as adaptive packed-memory arrays do. */
const HOT_SHARE = 0.5;
/** Rows open at a window's end are at most as many as the tree is deep; more than a course ever is. */
const USUAL_DEPTH = 32;

/**
 * The tokens on both sides of a run, as far as a window reaches: nearest first. Those without a label between them get
 * one as well: the next labelled token on either side is outside.
 */
class Neighbourhood {
  readonly left: Token[] = [];
  readonly right: Token[] = [];
  readonly #overlay: Overlay;
  readonly #channel: number;
  readonly #gone: number;
  #before: Token | null;
  #after: Token | null;
  #loaded: [from: number, to: number] | undefined;

  constructor(overlay: Overlay, run: Run, gone: number) {
    this.#overlay = overlay;
    this.#channel = (run.tokens[0] as Token).node.channel;
    this.#gone = gone;
    this.#before = run.before;
    this.#after = run.after;
  }

  get size(): number {
    return this.left.length + this.right.length;
  }

  /**
   * Goes on to the borders of a wider window, from where the last one ended; false when it holds more than `limit`
   * tokens. Windows that begin anew at every level were seen to take seconds.
   */
  widen(from: number, to: number, limit: number): boolean {
    if (limit < Infinity && this.#estimate(from, to, limit) > limit) return false;
    this.#load(from, to);
    for (; this.#before && (this.#before.label ?? from) >= from; this.#before = this.#overlay.prev(this.#before)) {
      if (this.size >= limit) return false;
      this.left.push(this.#before);
    }
    for (; this.#after && (this.#after.label ?? from) < to; this.#after = this.#overlay.next(this.#after)) {
      if (this.size >= limit) return false;
      this.right.push(this.#after);
    }
    return true;
  }

  /** At least so many tokens, by the rows of the index; stops counting beyond the limit. */
  #estimate(from: number, to: number, limit: number): number {
    const enough = Math.ceil((limit + this.#gone) / 2) + USUAL_DEPTH + 1;
    const rows = this.#overlay.statements.rangeCount.get(this.#channel, from, to, enough) as number;
    return 2 * (rows - USUAL_DEPTH) - this.#gone;
  }

  #load(from: number, to: number): void {
    if (!this.#loaded) {
      this.#overlay.loadRange(this.#channel, from, to);
    } else {
      if (from < this.#loaded[0]) this.#overlay.loadRange(this.#channel, from, this.#loaded[0]);
      if (to > this.#loaded[1]) this.#overlay.loadRange(this.#channel, this.#loaded[1], to);
    }
    this.#loaded = [from, to];
  }
}

interface Window {
  left: number;
  right: number;
  from: number;
  to: number;
}

/** Spreads the tokens of the smallest window that is sparse enough, the run among them. Returns how many it relabelled. */
export function relabelAround(overlay: Overlay, space: LabelSpace, run: Run, gone: number): number {
  const near = new Neighbourhood(overlay, run, gone);
  const window = findWindow(near, space, run);
  const left = near.left.slice(0, window.left).reverse();
  const right = near.right.slice(0, window.right);
  spread(left, run.tokens, right, window);
  return left.length + right.length;
}

function findWindow(near: Neighbourhood, space: LabelSpace, run: Run): Window {
  const count = run.tokens.length;
  const growth = 2 / TAUT;
  let best: Window | undefined;
  for (let level = Math.max(2, Math.ceil(Math.log(count + 2) / Math.log(growth))); ; level += 1) {
    const whole = level >= space.bits;
    const width = 2 ** Math.min(level, space.bits);
    const aligned = Math.floor(run.low / width) * width;
    const from = Math.max(aligned, 1);
    const to = Math.min(aligned + width, space.end);
    const capacity = Math.floor(Math.min(growth ** level, width / 2)) - count;
    const limit = best ? Math.floor((best.left + best.right + count) * (1 + FREE_GROWTH)) + 1 - count : capacity;
    const last = whole && !best;
    const fits = (last || limit >= 0) && near.widen(from, to, last ? Infinity : limit);
    if (fits) best = { left: near.left.length, right: near.right.length, from, to };
    else if (best) return best;
    if (whole && best) return best;
  }
}

/**
 * Labels strictly rising within the window. Offsets are summed from zero and added to the window's start as whole
 * numbers: close to 2^53 a sum of fractions would round to equal labels.
 */
export function spread(
  left: readonly Token[],
  run: readonly Token[],
  right: readonly Token[],
  { from, to }: { from: number; to: number },
): void {
  const count = left.length + run.length + right.length;
  const slack = to - from - count;
  if (slack < 0) throw new Error('the label space of a channel is exhausted');
  const hot = Math.floor(slack * HOT_SHARE);
  const each = 1 + (slack - hot) / (count + 1);
  const hotEach = hot / (run.length + 1);
  let offset = 0;
  const give = (token: Token, extra: number): void => {
    offset += each + extra;
    token.label = from - 1 + Math.floor(offset);
  };
  for (const token of left) give(token, 0);
  for (const token of run) give(token, hotEach);
  for (const [index, token] of right.entries()) give(token, index === 0 ? hotEach : 0);
}
