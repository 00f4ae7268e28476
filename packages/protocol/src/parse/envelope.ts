import { POSITIONS, TYPES, type ChangeType, type Position } from '../change.ts';
import { normalizeId, type Id } from '../id.ts';
import { hasMoreKeys, isJsonObject, type JsonObject } from '../json.ts';
import { LIMITS } from '../limit.ts';
import type { Key } from '../row.ts';
import { isText, isWithin } from './text.ts';
import type { Problems } from './problems.ts';

/** Kolibri Studio's numbers of the types. */
const TYPE_BY_NUMBER: readonly (ChangeType | undefined)[] = [
  undefined,
  'CREATED',
  'UPDATED',
  'DELETED',
  'MOVED',
  'COPIED',
  'PUBLISHED',
];
const NAMES = new Set<unknown>(TYPES);
const PLACES = new Set<unknown>(POSITIONS);
const GROUP_LENGTH = 200;

/** The type by its name or by Studio's number; null when it is neither. */
export function typeOf(value: unknown): ChangeType | null {
  if (typeof value === 'number') return TYPE_BY_NUMBER[value] ?? null;
  return NAMES.has(value) ? (value as ChangeType) : null;
}

/** A counter: a whole number of at least 1 that loses nothing as a double. */
export function isRev(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

/** The fields of a change around its content, read one by one. Each notes what is wrong and answers null for it. */
export class Envelope {
  private readonly raw: JsonObject;
  private readonly problems: Problems;
  private readonly known = new Set<string>();

  constructor(raw: JsonObject, problems: Problems) {
    this.raw = raw;
    this.problems = problems;
  }

  /** The value of a field, undefined when it is absent or null. */
  take(name: string): unknown {
    this.known.add(name);
    return Object.hasOwn(this.raw, name) ? (this.raw[name] ?? undefined) : undefined;
  }

  required(name: string): unknown {
    const value = this.take(name);
    if (value === undefined) this.problems.missing(name);
    return value;
  }

  optionalId(name: string): Id | null {
    const value = this.take(name);
    if (value === undefined) return null;
    const id = normalizeId(value);
    if (id === null) this.problems.invalid(name, 'An id is 32 hex digits.');
    return id;
  }

  id(name: string): Id | null {
    return this.required(name) === undefined ? null : this.optionalId(name);
  }

  key(shape: 'id' | 'pair'): Key | null {
    if (shape === 'id') return this.id('key');
    const value = this.required('key');
    if (value === undefined) return null;
    const ids = Array.isArray(value) && value.length === 2 ? value.map(normalizeId) : [];
    const [first, second] = ids;
    if (first && second) return [first, second];
    this.problems.invalid('key', 'The key is a pair of two ids.');
    return null;
  }

  object(name: string): JsonObject | null {
    const value = this.take(name);
    if (value === undefined) return null;
    if (!isJsonObject(value)) this.problems.invalid(name, 'It must be an object.');
    else if (!hasMoreKeys(value, LIMITS.keys)) return value;
    else this.problems.add('too_large', name, `A change has at most ${LIMITS.keys} keys in its ${name}.`);
    return null;
  }

  position(): Position | null {
    const value = this.take('position');
    if (value === undefined) return null;
    if (PLACES.has(value)) return value as Position;
    this.problems.add('invalid_position', 'position');
    return null;
  }

  rev(): number {
    const value = this.required('rev');
    if (isRev(value)) return value;
    if (value !== undefined) this.problems.invalid('rev', 'A rev is a whole number of at least 1.');
    return 0;
  }

  group(): string | null {
    const value = this.take('group');
    if (value === undefined) return null;
    if (typeof value === 'string' && value !== '' && isText(value) && isWithin(value, GROUP_LENGTH)) return value;
    this.problems.invalid('group', `A group is text of 1 to ${GROUP_LENGTH} characters.`);
    return null;
  }

  /** Names what nobody asked for. */
  ignoreRest(): void {
    for (const name of Object.keys(this.raw)) {
      if (!this.known.has(name) && this.raw[name] !== undefined) this.problems.ignore(name);
    }
  }
}
