import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Id } from '@cambium/protocol';
import { afterAll, expect, test } from 'vitest';
import { CHANNEL, idOf, randomOf } from '../tree/author.ts';
import { adjacency } from './adjacency.ts';
import { dense } from './dense.ts';
import type { TreeModel } from './model.ts';
import { ours } from './ours.ts';
import { plant } from './plant.ts';

const folder = mkdtempSync(join(tmpdir(), 'cambium-models-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('ours, the dense nested set and the adjacency list keep one tree through random operations', async () => {
  const source = join(folder, 'source');
  const { sections, topics, leaves } = await plant(source, 3000);
  const models = [ours, dense, adjacency].map((model, i) => model(join(folder, String(i)), source));
  const random = randomOf(11);
  const one = (ids: readonly Id[]): Id => ids[random(ids.length)] as Id;
  let made = 1e6;
  const all = (work: (model: TreeModel) => void) => models.forEach(work);
  for (let i = 0; i < 60; i += 1) {
    const [leaf, other, topic] = [one(leaves), one(leaves), one(topics)];
    const [section, sibling] = [one(sections), one(sections)];
    const id = idOf((made += 1));
    if (i % 4 === 0) all((model) => model.insert(id, leaf));
    else if (i % 4 === 1) all((model) => model.move(other, topic));
    else if (i % 4 === 2 && section !== sibling) all((model) => model.move(section, CHANNEL, sibling));
    else if (i % 20 === 3) {
      const from = made;
      all((model) => {
        made = from;
        model.copy(topic, section, () => idOf((made += 1)));
      });
    } else all((model) => model.move(topic, section));
  }
  const seen = models.map((model) => ({
    order: model.subtree(CHANNEL).map(({ id }) => id),
    page: model.page(one(sections.slice(0, 1))).map(({ id, below }) => [id, below]),
    ancestors: model.ancestors(leaves[5] as Id),
    counts: [CHANNEL, ...sections].map((id) => model.count(id)),
    problems: model.problems(),
  }));
  expect(seen[0]?.order.length).toBeGreaterThan(3000);
  expect(seen[0]?.problems).toEqual([]);
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
  for (const { db } of models) db.close();
});

test('a node goes neither into itself nor below itself in any of them', async () => {
  const source = join(folder, 'small');
  const { sections, topics } = await plant(source, 200);
  for (const model of [ours, dense, adjacency].map((make, i) => make(join(folder, `s${i}`), source))) {
    expect(() => model.move(sections[0] as Id, topics[0] as Id)).toThrow('moved into itself');
    model.db.close();
  }
});

test('a dense tree that was shifted wrongly is told', async () => {
  const source = join(folder, 'wrong');
  await plant(source, 100);
  const model = dense(join(folder, 'w'), source);
  expect(model.problems()).toEqual([]);
  model.db.exec('UPDATE node SET lft = lft - 1 WHERE lft = (SELECT max(lft) FROM node)');
  expect(model.problems()).not.toEqual([]);
  model.db.close();
});
