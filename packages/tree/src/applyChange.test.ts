import type { Id } from '@cambium/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MemoryTree } from './memory/memoryTree.ts';
import { ReferenceModel } from './model/model.ts';
import { RandomChanges } from './model/random.ts';
import { runs, seed } from './testing/environment.ts';
import { contents, violations } from './testing/invariants.ts';
import { CHANNEL, OTHER, Play, USER } from './testing/play.ts';

/** Making a failure smaller is worth some seconds, not minutes. */
const options = { seed, interruptAfterTimeLimit: runs(150) > 150 ? 600_000 : 20_000 };

/** One list of numbers a change, so that whole changes can be left out while a failure is made smaller. */
const dice = fc.array(fc.array(fc.nat(2 ** 24), { minLength: 12, maxLength: 12 }), { maxLength: 120, size: 'max' });

function newModel(): ReferenceModel {
  const model = new ReferenceModel(USER);
  for (const key of [CHANNEL, OTHER]) {
    model.apply({ rev: 1, type: 'CREATED', table: 'channel', key, channel_id: key, obj: { name: 'root' } });
  }
  return model;
}

function play(rolls: number[][]): { play: Play; model: ReferenceModel } {
  const server = new Play();
  const model = newModel();
  let roll: number[] = [];
  let at = 0;
  const changes = new RandomChanges(model, [CHANNEL, OTHER], (below) => (roll[at++ % roll.length] ?? 0) % below);
  for (roll of rolls) {
    at = 0;
    const change = changes.next();
    const want = model.apply(change);
    const got = server.send(change);
    const codes = got.ok ? [] : got.errors.map((error) => error.code);
    const say = `${JSON.stringify(change)}: ${codes.join() || 'applied'}, the model says ${want.ok ? 'applied' : want.codes.join('|')}`;
    if (got.ok !== want.ok) throw new Error(say);
    if (!want.ok && !codes.every((code) => want.codes.includes(code))) throw new Error(say);
    finishUpload(server, model, roll);
  }
  return { play: server, model };
}

/** Now and then the server's own word: the bytes of a file are there. */
function finishUpload(server: Play, model: ReferenceModel, roll: number[]): void {
  const [first = 0, second = 0] = roll.toReversed();
  const key = [...model.files.keys()][second % Math.max(1, model.files.size)];
  if (first % 4 > 0 || key === undefined) return;
  server.authority = 'system';
  server.must({
    type: 'UPDATED',
    table: 'file',
    key,
    channel_id: null,
    mods: { uploaded: true, url: `/content/${key}` },
  });
  server.authority = 'user';
}

function titles(tree: MemoryTree, channel: Id): unknown[] {
  return tree.order(channel).map(([id]) => [id, tree.row('contentnode', id)?.title]);
}

describe(`random histories (seed ${seed})`, { timeout: 900_000 }, () => {
  test('the reducer and the reference model agree on outcomes, order, titles and what hangs on nodes', () => {
    fc.assert(
      fc.property(dice, (rolls) => {
        const { play: server, model } = play(rolls);
        for (const channel of [CHANNEL, OTHER]) {
          expect(server.tree.order(channel)).toEqual(model.order(channel));
          expect(titles(server.tree, channel)).toEqual(
            model.order(channel).map(([id]) => [id, model.node(id).fields['title']]),
          );
          expect(violations(server.tree, channel)).toEqual([]);
        }
        for (const [id, file] of model.files) {
          const row = server.tree.row('file', id);
          expect([row?.channel_id, row?.contentnode, row?.assessment_item]).toEqual([
            file.channel,
            file.contentnode,
            file.item,
          ]);
        }
        for (const [id, item] of model.items) {
          expect(server.tree.row('assessmentitem', id)?.contentnode).toBe(item.node);
        }
        const rows = [...server.tree.rows(CHANNEL), ...server.tree.rows(OTHER)];
        const count = (table: string): number => rows.filter((row) => row.table === table).length;
        expect(count('assessmentitem')).toBe(model.items.size);
        expect(count('contentnode_prerequisite')).toBe(model.pairs.size);
        expect(count('file')).toBe([...model.files.values()].filter((file) => file.channel !== null).length);
      }),
      { ...options, numRuns: runs(150) },
    );
  });

  test('a reader of one channel that applies its entries alone has the same rows in the same order', () => {
    fc.assert(
      fc.property(dice, (rolls) => {
        const { play: server } = play(rolls);
        for (const channel of [CHANNEL, OTHER]) {
          expect(contents(server.replica(channel), channel)).toEqual(contents(server.tree, channel));
        }
      }),
      { ...options, numRuns: runs(150) },
    );
  });
});
