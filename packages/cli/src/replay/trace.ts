import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { Failure } from '../fail.ts';
import { lines } from '../lines.ts';
import type { Batch, ForkedBatch, TraceEvent } from './event.ts';

interface LinearLine extends TraceEvent {
  c: number;
  a: number;
}

interface ForkedLine {
  a: number;
  base: number;
  events: TraceEvent[];
  resolve?: TraceEvent[];
}

/** A recorded history: linear, or of clients that forked off it. */
export type Trace = { kind: 'linear'; batches: Batch[] } | { kind: 'forked'; batches: ForkedBatch[] };

/**
 * Reads `TRACE.jsonl.gz`: an event a line, batched by `c`; or, where lines bear `base`, a batch a line.
 * @throws Failure naming the line that is no event
 */
export async function readTrace(path: string): Promise<Trace> {
  const linear: Batch[] = [];
  const forked: ForkedBatch[] = [];
  let commit = -1;
  let number = 0;
  const source = createReadStream(path);
  for await (const text of lines(path.endsWith('.gz') ? source.pipe(createGunzip()) : source)) {
    number += 1;
    if (text === '') continue;
    const line = parse(text, path, number);
    if ('base' in line) {
      forked.push({ author: line.a, base: line.base, events: line.events, resolve: line.resolve ?? [] });
      continue;
    }
    if (line.c !== commit) linear.push({ author: line.a, events: [] });
    commit = line.c;
    linear.at(-1)?.events.push(line);
  }
  if (forked.length > 0 && linear.length > 0) throw new Failure(`${path} mixes both kinds of history`);
  if (forked.length + linear.length === 0) throw new Failure(`${path} holds no events`);
  return forked.length > 0 ? { kind: 'forked', batches: forked } : { kind: 'linear', batches: linear };
}

function parse(text: string, path: string, number: number): LinearLine | ForkedLine {
  try {
    const line = JSON.parse(text) as LinearLine | ForkedLine;
    if ('base' in line ? Array.isArray(line.events) : typeof line.type === 'string' && Number.isInteger(line.id))
      return line;
  } catch (error) {
    throw new Failure(`${path}, line ${number}: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new Failure(`${path}, line ${number} is neither an event nor a batch`);
}
