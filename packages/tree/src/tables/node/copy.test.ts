import { derivedId, type JsonObject } from '@cambium/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { CHANNEL, id, OTHER, Play, USER } from '../../testing/play.ts';

const unit = id('a0');
const lesson = id('a1');
const exercise = id('a2');
const left = id('a3');
const item = id('b1');
const copy = id('f0');
const d = (source: string): string => derivedId(copy, source);
const file = {
  checksum: '0'.repeat(32),
  file_size: 3,
  file_format: 'png',
  preset: 'exercise_image',
  original_filename: 'a.png',
  mime_type: 'image/png',
};
let play: Play;

function copied(more: object = {}): ReturnType<Play['must']> {
  return play.must({ type: 'COPIED', key: copy, from_key: unit, target: CHANNEL, ...more });
}

beforeEach(() => {
  play = new Play();
  const threshold = {
    mastery_model: 'pre_post_test',
    assessment_item_ids: [item, 'other'],
    version_a_item_ids: [item],
    version_b_item_ids: [],
  };
  const options = {
    modality: 'UNIT',
    completion_criteria: { model: 'mastery', threshold },
    lesson_objectives: { [lesson]: ['o1'], [left]: ['o2'], [id('ff')]: ['o3'] },
    learning_objectives: [{ id: 'o1' }],
  };
  const more = {
    language: 'en',
    role_visibility: 'coach',
    aggregator: 'ag',
    tags: { t: true },
    grade_levels: { 'L1.2': true },
  };
  play.must({
    type: 'CREATED',
    key: unit,
    obj: { parent: CHANNEL, kind: 'topic', title: 'Unit', extra_fields: { options, x: 1 }, ...more },
  });
  play.topic(lesson, unit);
  play.topic(left, unit);
  play.must({
    type: 'CREATED',
    key: exercise,
    obj: {
      parent: lesson,
      kind: 'exercise',
      title: 'E',
      license: 1,
      copyright_holder: 'h',
      extra_fields: { mastery_model: 'do_all' },
    },
  });
  play.must({
    type: 'CREATED',
    table: 'assessmentitem',
    key: item,
    obj: { contentnode: exercise, raw_data: 'x', order: 2 },
  });
  play.must({ type: 'CREATED', table: 'assessmentitem', key: id('b2'), obj: { contentnode: exercise, order: 1 } });
  play.must({ type: 'CREATED', table: 'file', key: id('b3'), obj: { ...file, assessment_item: item } });
  play.must({ type: 'CREATED', table: 'file', key: id('b4'), obj: { ...file, contentnode: exercise } });
  play.must({ type: 'CREATED', table: 'contentnode_prerequisite', key: [lesson, left], obj: {} });
});

describe('a copy', () => {
  test('carries everything that it made, in document order, so that no reader needs the source', () => {
    const [entry] = copied();
    const ids = (table: string): unknown[] =>
      (entry?.rows ?? []).filter((row) => row.table === table).map(({ row }) => row['id']);
    expect(ids('contentnode')).toEqual([copy, d(lesson), d(exercise), d(left)]);
    expect(ids('assessmentitem')).toEqual([d(id('b2')), d(item)]);
    expect(ids('file')).toEqual([d(id('b4')), d(id('b3'))]);
    expect(entry?.rows?.map((row) => row.table)).toEqual([
      ...Array(4).fill('contentnode'),
      ...Array(2).fill('assessmentitem'),
      ...Array(2).fill('file'),
    ]);
    expect(entry).toMatchObject({ from_key: unit, parent: CHANNEL, after: unit });
  });

  test('has the fields of its source, a node_id of its own, and says where it comes from', () => {
    copied({ mods: { title: 'Copy', 'tags.u': true } });
    const { id: _id, node_id, title, tags, extra_fields: _extra, modified: _modified, ...rest } = play.node(copy);
    const {
      node_id: sourceNodeId,
      extra_fields: _sourceExtra,
      id: _sourceId,
      title: _title,
      tags: _tags,
      modified: _m,
      ...source
    } = play.node(unit);
    expect([node_id, title, tags]).toEqual([copy, 'Copy', { t: true, u: true }]);
    expect(rest).toEqual({
      ...source,
      original_channel_id: CHANNEL,
      original_source_node_id: sourceNodeId,
      source_channel_id: CHANNEL,
      source_node_id: sourceNodeId,
    });
    expect(play.node(d(lesson))).toMatchObject({
      title: play.node(lesson).title,
      content_id: lesson,
      source_node_id: lesson,
      changed: true,
      published: false,
    });
  });

  test('of a copy says both where it came from first and where it came from last', () => {
    copied();
    play.must({ type: 'COPIED', key: id('f1'), from_key: copy, target: OTHER, channel_id: OTHER });
    play.must({ type: 'COPIED', key: id('f2'), from_key: id('f1'), target: CHANNEL });
    expect(play.node(id('f2'))).toMatchObject({
      content_id: unit,
      original_channel_id: CHANNEL,
      original_source_node_id: unit,
      source_channel_id: OTHER,
      source_node_id: id('f1'),
    });
  });

  test('speaks of its own lessons and questions; lessons that were left out are forgotten', () => {
    copied({ excluded_descendants: [left, id('ee')] });
    const options = play.node(copy).extra_fields['options'] as JsonObject;
    expect(options).toEqual({
      modality: 'UNIT',
      completion_criteria: {
        model: 'mastery',
        threshold: {
          mastery_model: 'pre_post_test',
          assessment_item_ids: [d(item), 'other'],
          version_a_item_ids: [d(item)],
          version_b_item_ids: [],
        },
      },
      lesson_objectives: { [d(lesson)]: ['o1'] },
      learning_objectives: [{ id: 'o1' }],
    });
    expect(play.node(copy).extra_fields['x']).toBe(1);
    expect(play.tree.children(copy)).toEqual([d(lesson)]);
  });

  test('has items and files of its own: same content, same uploader, no second upload', () => {
    play.authority = 'system';
    play.must({
      type: 'UPDATED',
      table: 'file',
      key: id('b3'),
      channel_id: null,
      mods: { uploaded: true, url: '/content/x' },
    });
    play.authority = 'user';
    copied();
    expect(play.tree.row('assessmentitem', d(item))).toMatchObject({
      contentnode: d(exercise),
      assessment_id: item,
      raw_data: 'x',
    });
    expect(play.tree.row('file', d(id('b3')))).toMatchObject({
      ...file,
      assessment_item: d(item),
      contentnode: null,
      uploaded: true,
      uploaded_by: USER,
      url: '/content/x',
    });
    expect(play.tree.row('file', d(id('b4')))).toMatchObject({
      contentnode: d(exercise),
      assessment_item: null,
      uploaded: false,
    });
    expect(play.tree.pairsOf(d(lesson))).toEqual([]);
  });

  test('is refused as a whole when any of its ids is taken', () => {
    const parent = { contentnode: left };
    const squatters: [string, object][] = [
      [d(exercise), { table: 'contentnode', obj: { parent: left, kind: 'topic', title: '' } }],
      [d(item), { table: 'assessmentitem', obj: parent }],
      [d(id('b3')), { table: 'file', obj: { ...file, ...parent } }],
    ];
    for (const [key, more] of squatters) {
      play.must({ type: 'CREATED', key, ...more });
      expect(play.refusal({ type: 'COPIED', key: copy, from_key: unit, target: CHANNEL })).toBe('already_exists key');
      play.must({ type: 'DELETED', key, ...more });
    }
    copied();
  });

  test('has at most so much text, and no more of it is read than shows that', () => {
    const many = 130;
    for (let i = 0; i < many; i += 1) {
      const key = `${i}`.padStart(32, 'c');
      play.must({
        type: 'CREATED',
        key,
        obj: { parent: left, kind: 'topic', title: '', description: 'x'.repeat(1_040_000) },
      });
    }
    expect(play.refusal({ type: 'COPIED', key: copy, from_key: left, target: CHANNEL })).toBe('too_large from_key');
    for (let i = 0; i < 2; i += 1) play.must({ type: 'DELETED', key: `${i}`.padStart(32, 'c') });
    copied({ from_key: left });
  });

  test('into its own subtree is a copy of what was there before', () => {
    copied({ target: exercise });
    expect(play.tree.subtree(unit)).toEqual([unit, lesson, exercise, copy, d(lesson), d(exercise), d(left), left]);
  });

  test('of a root needs a title where the root needed none', () => {
    play.must({ type: 'UPDATED', key: CHANNEL, mods: { title: '' } });
    expect(play.node(CHANNEL).complete).toBe(true);
    const [entry] = play.must({ type: 'COPIED', key: id('f1'), from_key: CHANNEL, target: OTHER, channel_id: OTHER });
    expect(play.node(id('f1'))).toMatchObject({ complete: false, parent_id: OTHER });
    expect(entry?.mods).toEqual({ complete: false });
  });

  test('may name the author no field that is refused', () => {
    const mods = { 'extra_fields.options.completion_criteria.model': 'pages' };
    expect(play.refusal({ type: 'COPIED', key: copy, from_key: unit, target: CHANNEL, mods })).toMatch(
      /^invalid_value extra_fields/,
    );
  });
});

test('a reader of another channel builds the copy from the log alone', () => {
  play.must({ type: 'COPIED', key: copy, from_key: unit, target: OTHER, channel_id: OTHER });
  expect([...play.replica(OTHER).rows(OTHER)]).toEqual([...play.tree.rows(OTHER)]);
});
