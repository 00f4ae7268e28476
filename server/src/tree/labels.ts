import type { Overlay } from './overlay.ts';
import { place } from './place.ts';
import type { LabelSpace, Run } from './run.ts';
import type { Token } from './token.ts';
import { relabelAround } from './window.ts';

export interface LabelStats {
  /** Windows that had to be spread anew. */
  relabels: number;
  /** Tokens that got another label though nobody moved them. */
  relabelled: number;
}

/**
 * Gives labels to all of `unlabelled`. Only the order of labels means anything, so whatever order-keeping labels come
 * out are the same tree.
 *
 * @param gone tokens that the database still has where the batch has none: estimates by counting rows allow for them.
 */
export function giveLabels(overlay: Overlay, space: LabelSpace, unlabelled: Iterable<Token>, gone: number): LabelStats {
  const stats = { relabels: 0, relabelled: 0 };
  for (const token of unlabelled) {
    if (token.label !== null) continue;
    const run = runAround(overlay, space, token);
    if (run.high - run.low - 1 >= run.tokens.length) {
      place(run.tokens, run.low, run.high, side(run));
    } else {
      stats.relabels += 1;
      stats.relabelled += relabelAround(overlay, space, run, gone);
    }
  }
  return stats;
}

function runAround(overlay: Overlay, space: LabelSpace, token: Token): Run {
  let first = token;
  let before = overlay.prev(token);
  while (before && before.label === null) {
    first = before;
    before = overlay.prev(before);
  }
  const tokens: Token[] = [];
  let after: Token | null = first;
  while (after && after.label === null) {
    tokens.push(after);
    after = overlay.next(after);
  }
  return { tokens, before, after, low: before?.label ?? 0, high: after?.label ?? space.end };
}

/** Before an existing first child the next one comes from the right as well; everywhere else appending is likelier. */
function side({ before, after }: Run): 'left' | 'right' {
  return before?.opens && after?.opens ? 'right' : 'left';
}
