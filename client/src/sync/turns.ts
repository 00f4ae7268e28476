import { type Id, LIMITS } from '@cambium/protocol';

/**
 * Whose turn it is. One request asks for so many channels; whoever follows more asks for some at a time, in the order of
 * their ids, round and round. A run is at its end when each of them had its turn.
 */
export interface Turns {
  /** The last channel that had its turn; the next one begins after it. */
  last: Id | null;
  /** How many had theirs since the run began. */
  done: number;
}

/** The channels that one request asks for. */
export interface Asked {
  channels: Id[];
  /** Those of them that have their turn by it. */
  turn: Id[];
  /** How many there are in all. */
  total: number;
}

/**
 * Chooses among `all`, which are in order. The `urgent` ones, of which own changes are to be heard, come first and take
 * nobody's turn away; they get half of the room at most, so that the others get on.
 */
export function chooseChannels(all: readonly Id[], urgent: ReadonlySet<Id>, { last }: Turns): Asked {
  if (all.length <= LIMITS.cursors) return { channels: [...all], turn: [...all], total: all.length };
  const first = all.filter((id) => urgent.has(id)).slice(0, LIMITS.cursors / 2);
  const at = last === null ? 0 : all.findIndex((id) => id > last);
  const from = Math.max(at, 0);
  const turn = [...all.slice(from), ...all.slice(0, from)].slice(0, LIMITS.cursors - first.length);
  return { channels: [...new Set([...first, ...turn])], turn, total: all.length };
}

/** After an answer. Where it was cut short, the same channels are asked for again. */
export function noteTurn(turns: Turns, { turn }: Asked, more: boolean): void {
  if (more) return;
  turns.last = turn.at(-1) ?? null;
  turns.done += turn.length;
}
