import type { Token } from './token.ts';

/** Labels are the integers from 1 to `end` - 1 where `end` is 2^bits - 1. */
export interface LabelSpace {
  readonly bits: number;
  readonly end: number;
}

export function labelSpace(bits: number): LabelSpace {
  if (!Number.isInteger(bits) || bits < 8 || bits > 53) throw new RangeError('labels have 8 to 53 bits');
  return { bits, end: 2 ** bits - 1 };
}

/** A maximal run of tokens without a label, and its labelled neighbours. */
export interface Run {
  readonly tokens: Token[];
  readonly before: Token | null;
  readonly after: Token | null;
  readonly low: number;
  readonly high: number;
}
