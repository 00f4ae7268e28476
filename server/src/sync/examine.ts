import { isEqualJson, parseChange, parseSyncRequest, Refusal, type Change, type Parsed } from '@cambium/protocol';
import { DIGEST_BYTES, digestOf } from './digest.ts';
import type { Raw } from './incoming.ts';
import { parseJson } from './json.ts';

/** What was found out about a batch before the writer saw it. Survives structured cloning; its bytes are handed over. */
export interface Examined {
  /** The changes' digests, one behind the other. */
  digests: Uint8Array;
  /** 1 for each change that says what it means in the plain form already: parsing it would make an equal object. */
  plain: Uint8Array;
}

/** What can be said of the changes of a batch whatever the tree may be. */
export interface Examination {
  digest(index: number): string;
  parse(index: number): Parsed<Change>;
}

/**
 * Looks at the changes of a body as it came; null for a body that is refused as a whole, which is the writer's to say.
 * Digests and checks are a third of what a change costs and need no tree, so another thread makes them beforehand. What
 * it tells fits into a few bytes a change: to hand over parsed changes would cost the writer as much as to parse them.
 */
export function examine(body: Uint8Array): Examined | null {
  const changes = changesOf(body);
  if (!changes) return null;
  const digests = Buffer.alloc(changes.length * DIGEST_BYTES);
  const plain = new Uint8Array(changes.length);
  for (const [index, raw] of changes.entries()) {
    digests.write(digestOf(raw), index * DIGEST_BYTES, 'hex');
    plain[index] = isPlain(raw) ? 1 : 0;
  }
  return { digests, plain };
}

/** With what was found out before, or without it. */
export function examinationOf(changes: readonly Raw[], examined?: Examined | null): Examination {
  if (!examined) return { digest: (index) => digestOf(at(index)), parse: (index) => parseChange(at(index)) };
  const { digests, plain } = examined;
  const bytes = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
  return {
    digest: (index) => bytes.toString('hex', index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES),
    parse: (index) =>
      plain[index] === 1 ? { ok: true, change: at(index) as unknown as Change, ignored: [] } : parseChange(at(index)),
  };

  function at(index: number): Raw {
    return changes[index] as Raw;
  }
}

function changesOf(body: Uint8Array): Raw[] | null {
  try {
    return parseSyncRequest(parseJson(body)).request.changes as Raw[];
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function isPlain(raw: Raw): boolean {
  const parsed = parseChange(raw);
  return parsed.ok && parsed.ignored.length === 0 && isEqualJson(parsed.change, raw);
}
