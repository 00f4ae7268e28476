import { beforeEach, expect, test, vi } from 'vitest';
import { CHANNEL, id, Play } from '../testing/play.ts';

const exercise = id('e0');
let play: Play;

beforeEach(() => {
  play = new Play();
  play.must({
    type: 'CREATED',
    key: exercise,
    obj: {
      parent: CHANNEL,
      kind: 'exercise',
      title: 'E',
      license: 1,
      copyright_holder: 'h',
      extra_fields: { mastery_model: 'do_all' },
    },
  });
});

const item = (key: string, raw_data = ''): object => ({
  type: 'CREATED',
  table: 'assessmentitem',
  key,
  obj: { contentnode: exercise, raw_data },
});

test('a question that decides nothing looks at no other, however many there are', () => {
  const asked = vi.spyOn(play.tree, 'attachedTo');
  for (let i = 0; i < 50; i += 1) play.must(item(`${i}`.padStart(32, 'b')));
  expect(play.node(exercise).complete).toBe(false);
  play.must(item(id('f0'), 'x'));
  expect(play.node(exercise).complete).toBe(true);
  play.must({ type: 'UPDATED', table: 'assessmentitem', key: id('f0'), mods: { raw_data: 'y' } });
  play.must({ type: 'DELETED', table: 'assessmentitem', key: '7'.padStart(32, 'b') });
  const ofItems = asked.mock.calls.filter(([table]) => table === 'assessmentitem');
  expect(ofItems).toEqual([]);
});

test('the last question that can be answered takes completeness along', () => {
  play.must(item(id('f0'), 'x'));
  play.must(item(id('f1'), 'x'));
  play.must(item(id('f2')));
  play.must({ type: 'UPDATED', table: 'assessmentitem', key: id('f0'), mods: { raw_data: '' } });
  expect(play.node(exercise).complete).toBe(true);
  play.must({ type: 'DELETED', table: 'assessmentitem', key: id('f1') });
  expect(play.node(exercise).complete).toBe(false);
});
