import type { Change } from '@cambium/protocol';
import { expect, test } from 'vitest';
import { applyChange } from './applyChange.ts';
import { applyEntry } from './applyEntry.ts';
import type { Entry } from './entries/entry.ts';
import { MemoryTree } from './memory/memoryTree.ts';
import { ReferenceModel } from './model/model.ts';
import { RandomChanges } from './model/random.ts';
import { NotLoaded, run, type TreeReader } from './reader.ts';
import { seed } from './testing/environment.ts';
import { contents } from './testing/invariants.ts';
import { CHANNEL, OTHER, Play, USER } from './testing/play.ts';

/** A store that has nothing at hand: every question has to be loaded before it is answered. */
function forgetful(tree: MemoryTree): { reader: TreeReader; loads: () => number } {
  const known = new Set<string>();
  const reader = new Proxy<TreeReader>(tree, {
    get(_target, name) {
      // It loads nothing together.
      if (name === 'foresee') return undefined;
      return (...args: unknown[]): unknown => {
        const question = JSON.stringify([name, args]);
        if (!known.has(question)) {
          throw new NotLoaded(async () => {
            await Promise.resolve();
            known.add(question);
          });
        }
        const method = tree[name as keyof TreeReader & keyof MemoryTree] as (...asked: unknown[]) => unknown;
        return method.apply(tree, args);
      };
    },
  });
  return { reader, loads: () => known.size };
}

/** A small random source with a seed (mulberry32). */
function dice(state: number): (below: number) => number {
  let next = state;
  return (below) => {
    next = (next + 0x6d2b79f5) | 0;
    let mixed = Math.imul(next ^ (next >>> 15), next | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

test(`a store that loads every answer first comes to the same outcomes and rows (seed ${seed})`, async () => {
  const model = new ReferenceModel(USER);
  const direct = new Play();
  const lazy = new MemoryTree();
  for (const entry of direct.log) lazy.apply(applyEntry(entry, lazy));
  for (const key of [CHANNEL, OTHER]) {
    model.apply({ rev: 1, type: 'CREATED', table: 'channel', key, channel_id: key, obj: { name: 'root' } });
  }
  const changes = new RandomChanges(model, [CHANNEL, OTHER], dice(seed));
  let loads = 0;
  for (let count = 0; count < 150; count += 1) {
    const change: Change = changes.next();
    model.apply(change);
    const want = direct.send(change);
    const context = { at: direct.at, user: USER, authority: 'user' } as const;
    const asked = forgetful(lazy);
    const got = await run(() => applyChange(change, context, asked.reader));
    expect(got).toEqual(want);
    loads += asked.loads();
    if (!got.ok) continue;
    for (const draft of got.entries) {
      const entry: Entry = { ...draft, at: context.at };
      const { reader } = forgetful(lazy);
      lazy.apply(await run(() => applyEntry(entry, reader)));
    }
  }
  expect(loads).toBeGreaterThan(150);
  for (const channel of [CHANNEL, OTHER]) expect(contents(lazy, channel)).toEqual(contents(direct.tree, channel));
});

test('run hands on every other error, and those of loading', async () => {
  await expect(
    run(() => {
      throw new Error('a bug');
    }),
  ).rejects.toThrow('a bug');
  await expect(
    run(() => {
      throw new NotLoaded(() => Promise.reject(new Error('no disk')));
    }),
  ).rejects.toThrow('no disk');
});
