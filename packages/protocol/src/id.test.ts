import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { derivedId, newId, normalizeId } from './id.ts';

const hexId = fc.stringMatching(/^[0-9a-f]{32}$/);
const dashed = (id: string) =>
  [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-');

describe('normalizeId', () => {
  test('every spelling of a UUID becomes the plain one', () => {
    fc.assert(
      fc.property(hexId, (id) => {
        for (const spelling of [id, id.toUpperCase(), dashed(id), dashed(id).toUpperCase()])
          expect(normalizeId(spelling)).toBe(id);
      }),
    );
  });

  test.each([
    '',
    'a'.repeat(31),
    'a'.repeat(33),
    'g'.repeat(32),
    `${'a'.repeat(31)}\0`,
    ` ${'a'.repeat(32)}`,
    `${'a'.repeat(32)}\n`,
    `{${'a'.repeat(32)}}`,
    '-'.repeat(36),
    dashed('a'.repeat(32)).replace('-', 'a'),
    7,
    null,
    ['a'.repeat(32)],
  ])('is no id: %j', (value) => expect(normalizeId(value)).toBeNull());
});

describe('derivedId', () => {
  /** Computed by other means than the code: the platform's own SHA-256, and the bits set on the digits. */
  async function expected(key: string, source: string): Promise<string> {
    const bytes = Uint8Array.from((key + source).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const digits = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const variant = ((Number.parseInt(digits.charAt(16), 16) & 3) | 8).toString(16);
    return `${digits.slice(0, 12)}8${digits.slice(13, 16)}${variant}${digits.slice(17, 32)}`;
  }

  test('is the first half of SHA-256 over key and source, marked as UUIDv8', async () => {
    await fc.assert(
      fc.asyncProperty(hexId, hexId, async (key, source) => {
        expect(derivedId(key, source)).toBe(await expected(key, source));
      }),
    );
  });

  test('tells key and source apart', () => {
    fc.assert(fc.property(hexId, hexId, (a, b) => a === b || derivedId(a, b) !== derivedId(b, a)));
  });
});

describe('newId', () => {
  test('is a UUIDv7 whose digits begin with the time', () => {
    const id = newId(0x0123_4567_89ab, (length) => new Uint8Array(length).fill(0xff));
    expect(id).toBe('0123456789ab7fffbfffffffffffffff');
  });
});
