import type { DerivativeSize, MediaFacts } from './facts.ts';
import type { Recognized } from './recognize.ts';

/** What the helper process is asked for. */
export type Task =
  | { kind: 'examine'; path: string }
  | { kind: 'describe'; path: string }
  | { kind: 'recognize'; path: string }
  | { kind: 'derive'; path: string; target: string; size: DerivativeSize };

export interface Answer {
  ok: boolean;
  facts?: MediaFacts;
  /** JSON text. */
  description?: string;
  recognized?: Recognized;
}
