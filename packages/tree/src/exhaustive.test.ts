import { POSITIONS, type Change, type Id } from '@cambium/protocol';
import { expect, test } from 'vitest';
import { applyChange } from './applyChange.ts';
import { applyEntry } from './applyEntry.ts';
import type { Entry } from './entries/entry.ts';
import { MemoryTree } from './memory/memoryTree.ts';
import { ReferenceModel } from './model/model.ts';
import { violations } from './testing/invariants.ts';
import { CHANNEL, id, USER } from './testing/play.ts';

// Two authors who each saw the same small tree: every change of the one, then every change of the other, in both orders
// (each pair comes both ways round), on every tree. What the first made can be named by the second too.

const at = '2026-01-01T00:00:00.000Z';
const context = { at, user: USER, authority: 'user' } as const;
const NODES = ['a1', 'a2', 'a3'].map(id);

/** All ordered trees of the root and that many nodes, as the changes that make them. */
function trees(count: number): Change[][] {
  if (count === 0) return [[change({ type: 'CREATED', table: 'channel', key: CHANNEL, obj: { name: 'r' } })]];
  const key = NODES[count - 1] as Id;
  return trees(count - 1).flatMap((made) => {
    // In document order: the next node goes under the last one or one of its ancestors, so no tree comes twice.
    const parents = [made.at(-1)?.key as Id];
    for (let up = parentOf(made, parents[0]); up !== undefined; up = parentOf(made, up)) parents.push(up);
    return parents.map((parent) => [
      ...made,
      change({ type: 'CREATED', key, obj: { parent, kind: 'topic', title: 't' } }),
    ]);
  });
}

function parentOf(made: Change[], key: Id | undefined): Id | undefined {
  const found = made.find((one) => one.key === key);
  return found?.type === 'CREATED' ? (found.obj['parent'] as Id | undefined) : undefined;
}

function change(fields: object): Change {
  return { rev: 1, table: 'contentnode', channel_id: CHANNEL, ...fields } as Change;
}

/** Every change that fits these ids. @param fresh the id of what is created or copied */
function changes(ids: Id[], fresh: Id): Change[] {
  const places = ids.flatMap((target) => POSITIONS.map((position) => ({ target, position })));
  return [
    ...places.map((place) => change({ type: 'CREATED', key: fresh, obj: { kind: 'topic', title: 'n' }, ...place })),
    ...ids.flatMap((key) => places.map((place) => change({ type: 'MOVED', key, ...place }))),
    ...ids.flatMap((from_key) => places.map((place) => change({ type: 'COPIED', key: fresh, from_key, ...place }))),
    ...ids.map((key) => change({ type: 'DELETED', key })),
    ...ids.map((key) => change({ type: 'UPDATED', key, mods: { title: 'u' } })),
  ];
}

class Pair {
  readonly tree = new MemoryTree();
  readonly model = new ReferenceModel(USER);

  /** Both sides apply it; returns what they disagree on, or ''. */
  apply(one: Change): string {
    const want = this.model.apply(one);
    const got = applyChange(one, context, this.tree);
    if (!got.ok) {
      const agrees = !want.ok && got.errors.every((error) => want.codes.includes(error.code));
      return agrees ? '' : `refused with ${JSON.stringify(got.errors)}, the model says ${JSON.stringify(want)}`;
    }
    for (const entry of got.entries) this.tree.apply(applyEntry({ ...entry, at } satisfies Entry, this.tree));
    return want.ok ? '' : `applied, the model says ${want.codes.join()}`;
  }

  /** What is wrong after all of it, or ''. */
  check(): string {
    const [order, want] = [this.tree.order(CHANNEL).join(), this.model.order(CHANNEL).join()];
    if (order !== want) return `the order is ${order}, the model says ${want}`;
    return violations(this.tree, CHANNEL).join();
  }
}

function tryPair(made: Change[], pair: Change[]): string {
  const sides = new Pair();
  for (const one of [...made, ...pair]) {
    const wrong = sides.apply(one);
    if (wrong !== '') return `${JSON.stringify([...made, ...pair])}: ${JSON.stringify(one)} ${wrong}`;
  }
  const wrong = sides.check();
  return wrong === '' ? '' : `${JSON.stringify([...made, ...pair])}: ${wrong}`;
}

test('there are as many ordered trees as there have to be', () => {
  expect([0, 1, 2, 3].map((count) => trees(count).length)).toEqual([1, 1, 2, 5]);
});

test('every pair of changes on every tree of up to four nodes', { timeout: 120_000 }, () => {
  let cases = 0;
  for (const count of [0, 1, 2, 3]) {
    const ids = [CHANNEL, ...NODES.slice(0, count)];
    const [first, second] = [id('f1'), id('f2')];
    for (const made of trees(count)) {
      for (const one of changes(ids, first)) {
        const others = one.key === first ? changes([...ids, first], second) : changes(ids, second);
        for (const other of others) {
          cases += 1;
          const wrong = tryPair(made, [one, other]);
          if (wrong !== '') throw new Error(wrong);
        }
      }
    }
  }
  expect(cases).toBe(172_348);
});
