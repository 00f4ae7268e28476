import { describe, expect, test } from 'vitest';
import { BLANK_FILE, BLANK_ITEM, BLANK_NODE } from '../blank.ts';
import type { Json } from '../json.ts';
import type { FileRow, ItemRow, NodeRow } from '../row.ts';
import type { Kind } from '../vocabulary/kind.ts';
import { completeness, type Look } from './completeness.ts';

const id = 'a'.repeat(32);
const licensed = { license: 1, copyright_holder: 'Somebody' };

function node(kind: Kind, more: Partial<NodeRow> = {}): NodeRow {
  const own = { id, channel_id: id, parent_id: id, node_id: id, content_id: id, modified: '' };
  return { ...BLANK_NODE, ...own, title: 'T', complete: false, changed: true, published: false, kind, ...more };
}
function file(more: Partial<FileRow> = {}): FileRow {
  const own = {
    id,
    channel_id: id,
    checksum: '',
    file_size: 1,
    file_format: 'mp4',
    original_filename: 'x',
    uploaded_by: id,
    mime_type: '',
    modified: '',
  };
  return { ...BLANK_FILE, ...own, uploaded: true, preset: 'high_res_video', ...more };
}
function item(more: Partial<ItemRow> = {}): ItemRow {
  return { ...BLANK_ITEM, id, channel_id: id, contentnode: id, assessment_id: id, modified: '', ...more };
}
const look = (files: FileRow[] = [], items: ItemRow[] = [], isRoot = false): Look => ({
  isRoot,
  files: () => files,
  items: () => items,
});
const isComplete = (row: NodeRow, at: Look = look()) => completeness(row, at).length === 0;
const withCriteria = (completion_criteria: Json, more: Record<string, Json> = {}) => ({
  extra_fields: { options: { completion_criteria, ...more } },
});

describe('a topic', () => {
  test('needs a title, unless it is the root', () => {
    expect(isComplete(node('topic'))).toBe(true);
    expect(isComplete(node('topic', { title: '' }))).toBe(false);
    expect(isComplete(node('topic', { title: '' }), look([], [], true))).toBe(true);
  });

  test('that is a unit needs a test before and after', () => {
    const lists = { assessment_item_ids: [id], version_a_item_ids: [id], version_b_item_ids: [id] };
    const unit = (criteria: Json) => node('topic', withCriteria(criteria, { modality: 'UNIT' }));
    expect(isComplete(unit(null))).toBe(false);
    expect(
      isComplete(unit({ model: 'mastery', threshold: { mastery_model: 'pre_post_test', pre_post_test: lists } })),
    ).toBe(true);
    expect(isComplete(unit({ model: 'mastery', threshold: { mastery_model: 'pre_post_test', ...lists } }))).toBe(true);
    expect(isComplete(unit({ model: 'mastery', threshold: { mastery_model: 'pre_post_test' } }))).toBe(false);
    expect(isComplete(unit({ model: 'mastery', threshold: { mastery_model: 'do_all' } }))).toBe(false);
  });
});

describe('a resource', () => {
  test('needs a licence and what the licence needs', () => {
    const at = look([file()]);
    expect(isComplete(node('video', licensed), at)).toBe(true);
    expect(isComplete(node('video', { license: 8 }), at)).toBe(true);
    expect(isComplete(node('video'), at)).toBe(false);
    expect(isComplete(node('video', { license: 1 }), at)).toBe(false);
    expect(isComplete(node('video', { ...licensed, license: 9 }), at)).toBe(false);
    expect(isComplete(node('video', { ...licensed, license: 9, license_description: 'By letter' }), at)).toBe(true);
  });

  test('needs an uploaded file of its content', () => {
    const video = node('video', licensed);
    expect(isComplete(video, look([]))).toBe(false);
    expect(isComplete(video, look([file({ uploaded: false })]))).toBe(false);
    expect(
      isComplete(
        video,
        look([file({ preset: 'video_subtitle' }), file({ preset: 'video_thumbnail' }), file({ preset: null })]),
      ),
    ).toBe(false);
    expect(isComplete(video, look([file({ preset: 'video_thumbnail' }), file()]))).toBe(true);
  });

  test.each<[Kind, Json, boolean]>([
    ['document', { model: 'pages', threshold: 3 }, true],
    ['document', { model: 'pages', threshold: '100%' }, true],
    ['document', { model: 'pages', threshold: '101%' }, false],
    ['document', { model: 'pages', threshold: '0%' }, false],
    ['document', { model: 'pages' }, false],
    ['video', { model: 'pages', threshold: 3 }, false],
    ['video', { model: 'time', threshold: 60, learner_managed: true }, true],
    ['video', { model: 'time', threshold: 60, learner_managed: 'yes' }, false],
    ['video', { model: 'approx_time', threshold: 0 }, false],
    ['audio', { model: 'reference' }, true],
    ['audio', { model: 'reference', threshold: 1 }, false],
    ['h5p', { model: 'determined_by_resource', threshold: null }, true],
    ['video', 'reference', false],
    ['video', {}, false],
  ])('%s with criteria %j: %s', (kind, criteria, complete) => {
    const content = { ...licensed, ...withCriteria(criteria) };
    const preset = { document: 'document', video: 'video', audio: 'audio', h5p: 'h5p' }[kind as 'video'];
    expect(isComplete(node(kind, content), look([file({ preset })]))).toBe(complete);
  });
});

describe('an exercise', () => {
  const mastered = withCriteria({ model: 'mastery', threshold: { mastery_model: 'm_of_n', m: 3, n: 5 } });
  const question = item({ type: 'single_selection', question: '1+1?', answers: [{ answer: '2', correct: true }] });

  test.each<[string, Partial<ItemRow>, boolean]>([
    ['a right answer', {}, true],
    ['no right answer', { answers: [{ answer: '2', correct: false }] }, false],
    ['no question', { question: '' }, false],
    ['raw data', { question: '', answers: [], raw_data: '{}' }, true],
    ['an input question', { type: 'input_question', answers: [{ answer: '2' }] }, true],
    ['an input question without answers', { type: 'input_question', answers: [] }, false],
    ['a free response', { type: 'free_response', answers: [] }, true],
  ])('with %s: %s', (_what, more, complete) => {
    expect(
      isComplete(node('exercise', { ...licensed, ...mastered }), look([], [item(), { ...question, ...more }])),
    ).toBe(complete);
  });

  test('says when it is mastered, in the old way or the new', () => {
    const at = look([], [question]);
    expect(isComplete(node('exercise', licensed), at)).toBe(false);
    expect(
      isComplete(node('exercise', { ...licensed, extra_fields: { mastery_model: 'm_of_n', m: 3, n: 5 } }), at),
    ).toBe(true);
    const model = (threshold: Json) =>
      node('exercise', { ...licensed, ...withCriteria({ model: 'mastery', threshold }) });
    expect(isComplete(model({ mastery_model: 'do_all' }), at)).toBe(true);
    expect(isComplete(model({ mastery_model: 'do_all', m: 3, n: 5 }), at)).toBe(false);
    expect(isComplete(model({ mastery_model: 'm_of_n', m: 3 }), at)).toBe(false);
    expect(isComplete(model({ mastery_model: 'by_heart' }), at)).toBe(false);
  });
});

test('files and items are asked for only when they decide', () => {
  const unasked: Look = {
    isRoot: false,
    files: () => expect.unreachable('files were asked for'),
    items: () => expect.unreachable('items were asked for'),
  };
  expect(completeness(node('topic'), unasked)).toEqual([]);
  expect(completeness(node('video'), unasked)).toHaveLength(1);
  expect(completeness(node('exercise', licensed), unasked)).toHaveLength(1);
});
