import { LIMITS, changeDigestText, normalizeId, type Id } from '@cambium/protocol';
import type { Examination } from './examine.ts';

/** A change as it came: an object with a rev, and nothing else is sure of it. */
export type Raw = Record<string, unknown> & { rev: number };

export interface Incoming {
  index: number;
  rev: number;
  raw: Raw;
  digest: string;
}

/** The members of each group of a batch, in the order sent; a rev that comes twice is a member once. */
export function groupsOf(changes: readonly Raw[], examination: Examination): Map<string, Incoming[]> {
  const groups = new Map<string, Incoming[]>();
  const seen = new Set<number>();
  changes.forEach((raw, index) => {
    const name = groupOf(raw);
    if (name === undefined || seen.has(raw.rev)) return;
    seen.add(raw.rev);
    const member = incoming(raw, index, examination);
    const members = groups.get(name);
    if (members) members.push(member);
    else groups.set(name, [member]);
  });
  return groups;
}

export function incoming(raw: Raw, index: number, examination: Examination): Incoming {
  return { index, rev: raw.rev, raw, digest: examination.digest(index) };
}

export function groupOf(raw: Raw): string | undefined {
  const { group } = raw;
  return typeof group === 'string' && group !== '' ? group : undefined;
}

export function isTooLarge(members: readonly Incoming[]): boolean {
  if (members.length > LIMITS.groupChanges) return true;
  let bytes = 0;
  for (const { raw } of members) bytes += Buffer.byteLength(changeDigestText(raw));
  return bytes > LIMITS.groupBytes;
}

const MAKING = new Set<unknown>(['CREATED', 'COPIED', 1, 5]);

/** The id of the row that a CREATED or COPIED would make. */
export function madeBy(raw: Raw): Id | null {
  return MAKING.has(raw['type']) ? normalizeId(raw['key']) : null;
}

/** Does the change make the channel it names? */
export function makesChannel(raw: Record<string, unknown>, channel: Id): boolean {
  return (
    raw['table'] === 'channel' &&
    (raw['type'] === 'CREATED' || raw['type'] === 1) &&
    normalizeId(raw['key']) === channel
  );
}

/** Does it delete a channel? That is for its owners. */
export function endsChannel(raw: Record<string, unknown>): boolean {
  return raw['table'] === 'channel' && (raw['type'] === 'DELETED' || raw['type'] === 3);
}
