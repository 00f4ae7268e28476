import type { Channel, ShownNode } from '@cambium/client';
import { BehaviorSubject } from 'rxjs';
import { expect, test } from 'vitest';

import { Outline } from './outline.ts';

/** A channel of which every list of children can be set, and which knows who follows what. */
function fakeChannel(children: Record<string, string[]>) {
  const subjects = new Map<string, BehaviorSubject<ShownNode[]>>();
  const nodes = (ids: string[]) =>
    ids.map((id) => ({ id, has_children: (children[id]?.length ?? 0) > 0 }) as ShownNode);
  const children$ = (id: string) => {
    const subject = subjects.get(id) ?? new BehaviorSubject(nodes(children[id] ?? []));
    subjects.set(id, subject);
    return subject;
  };
  const followed = () => [...subjects].filter(([, subject]) => subject.observed).map(([id]) => id);
  return {
    channel: { children$ } as unknown as Channel,
    set: (id: string, ids: string[]) => children$(id).next(nodes(ids)),
    followed,
  };
}

const shown = async (outline: Outline) => {
  await Promise.resolve();
  return outline.rows().map(({ node, level }) => '-'.repeat(level) + node.id);
};

test('shows the children of what is open, in document order', async () => {
  const { channel } = fakeChannel({ root: ['a', 'b'], a: ['c', 'd'], c: ['e'] });
  const outline = new Outline(channel, 'root');
  outline.setOpen(new Set(['a']));
  expect(await shown(outline)).toEqual(['-a', '--c', '--d', '-b']);
  outline.setOpen(new Set(['a', 'c']));
  expect(await shown(outline)).toEqual(['-a', '--c', '---e', '--d', '-b']);
});

test('follows changes of what is open and nothing else', async () => {
  const { channel, set, followed } = fakeChannel({ root: ['a', 'b'], a: ['c'] });
  const outline = new Outline(channel, 'root');
  outline.setOpen(new Set(['a']));
  let drawn = 0;
  outline.subscribe(() => (drawn += 1));
  set('a', ['c', 'd']);
  set('root', ['b', 'a']);
  expect(await shown(outline)).toEqual(['-b', '-a', '--c', '--d']);
  expect(drawn).toBe(1);
  outline.setOpen(new Set());
  expect(followed()).toEqual(['root']);
  outline.close();
  expect(followed()).toEqual([]);
});
