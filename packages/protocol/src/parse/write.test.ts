import { describe, expect, test } from 'vitest';
import { LIMITS } from '../limit.ts';
import { parseChange, parseWrite } from './change.ts';

const A = 'a'.repeat(32);
const C = 'c'.repeat(32);
const file = { table: 'file', key: A, channel_id: C };
const sound = { size: 10, checksum: 'd'.repeat(32), name: 'a.mp4', file_format: 'mp4', preset: 'video', duration: 7.9 };
const created = (more: object) => ({ ...file, type: 'CREATED', obj: { ...sound, ...more } });

describe('a file', () => {
  test('is described as for an upload and stored under the names of its row', () => {
    const parsed = parseChange({
      rev: 1,
      ...created({ contentnode: A.toUpperCase(), language: 'en', sha256: 'e'.repeat(64) }),
    });
    expect(parsed).toMatchObject({ ok: true, ignored: [] });
    expect(parsed.ok && parsed.change).toHaveProperty('obj', {
      file_size: 10,
      checksum: 'd'.repeat(32),
      original_filename: 'a.mp4',
      file_format: 'mp4',
      preset: 'video',
      duration: 7,
      contentnode: A,
      language: 'en',
      sha256: 'e'.repeat(64),
      mime_type: 'video/mp4',
    });
  });

  test("the server's own fields are not an author's to say", () => {
    const parsed = parseChange({
      rev: 1,
      ...created({ uploaded: true, url: '/content/x', uploaded_by: A, mime_type: 'text/html' }),
    });
    expect(parsed).toMatchObject({
      ok: true,
      ignored: ['uploaded', 'url', 'uploaded_by'],
      change: { obj: { mime_type: 'video/mp4' } },
    });
    for (const name of [
      'uploaded',
      'url',
      'checksum',
      'file_size',
      'sha256',
      'mime_type',
      'channel_id',
      'file_on_disk',
    ]) {
      const update = parseWrite({ ...file, type: 'UPDATED', mods: { [name]: null } }, 'user');
      expect(update).toMatchObject({ ok: false, errors: [{ code: 'read_only_field', field: name }] });
    }
  });

  test.each<[string, object, string, string]>([
    ...['size', 'checksum', 'name', 'file_format', 'preset'].map((name): [string, object, string, string] => [
      `no ${name}`,
      { [name]: null },
      'missing_field',
      name,
    ]),
    ['a fraction of bytes', { size: 1.5 }, 'invalid_value', 'size'],
    ['less than nothing', { size: -1 }, 'invalid_value', 'size'],
    ['more than the largest file', { size: LIMITS.file + 1 }, 'too_large', 'size'],
    ['a short checksum', { checksum: 'd'.repeat(31) }, 'invalid_value', 'checksum'],
    ['a checksum in capitals', { checksum: 'D'.repeat(32) }, 'invalid_value', 'checksum'],
    ['a checksum and more', { checksum: `${'d'.repeat(32)}\n` }, 'invalid_value', 'checksum'],
    ['no SHA-256', { sha256: 'd'.repeat(32) }, 'invalid_value', 'sha256'],
    ['an unknown format', { file_format: 'exe' }, 'invalid_value', 'file_format'],
    ['a format by inheritance', { file_format: 'constructor' }, 'invalid_value', 'file_format'],
    ['an unknown preset', { preset: 'nonsense' }, 'invalid_value', 'preset'],
    ['a preset of another format', { preset: 'audio' }, 'invalid_value', 'preset'],
    ['a video without a duration', { duration: null }, 'invalid_value', 'duration'],
    ['a duration of 0', { duration: 0 }, 'invalid_value', 'duration'],
    ['a duration in text', { duration: '7' }, 'invalid_value', 'duration'],
    [
      'a document with a duration',
      { file_format: 'pdf', preset: 'document', name: 'a.pdf' },
      'invalid_value',
      'duration',
    ],
    ['an empty name', { name: '' }, 'invalid_value', 'name'],
  ])('is refused: %s', (_what, more, code, field) => {
    const parsed = parseWrite(created(more), 'user');
    expect(parsed.ok ? parsed : parsed.errors.map((error) => [error.code, error.field])).toContainEqual([code, field]);
  });

  test('may be of any format as an attachment', () => {
    const parsed = parseWrite(created({ file_format: 'toml', preset: 'attachment', duration: null }), 'user');
    const obj = { file_format: 'toml', preset: 'attachment', mime_type: 'application/octet-stream' };
    expect(parsed).toMatchObject({ ok: true, change: { obj } });
  });

  test('is detached by null', () => {
    const parsed = parseWrite(
      { ...file, type: 'UPDATED', mods: { contentnode: null, assessment_item: null, preset: null } },
      'user',
    );
    expect(parsed).toMatchObject({
      ok: true,
      change: { mods: { contentnode: null, assessment_item: null, preset: null } },
    });
  });
});

describe('a write', () => {
  test('has no rev; one that it brings is not looked at', () => {
    const raw = { type: 'DELETED', table: 'contentnode', key: A, channel_id: C };
    expect(parseWrite({ ...raw, rev: 'x' }, 'user')).toEqual({ ok: true, change: { ...raw, rev: 0 }, ignored: [] });
    expect(parseChange(raw)).toMatchObject({ ok: false, errors: [{ code: 'missing_field', field: 'rev' }] });
  });

  test('may lack a channel for a file, and for a file only', () => {
    const raw = { type: 'DELETED', key: A };
    expect(parseWrite({ ...raw, table: 'file' }, 'user')).toMatchObject({ ok: true, change: { channel_id: null } });
    expect(parseWrite({ ...raw, table: 'assessmentitem' }, 'system')).toMatchObject({
      ok: false,
      errors: [{ field: 'channel_id' }],
    });
    expect(parseChange({ ...raw, rev: 1, table: 'file' })).toMatchObject({
      ok: false,
      errors: [{ field: 'channel_id' }],
    });
  });

  test('of the system says what the bytes turned out to be', () => {
    const mods = {
      uploaded: true,
      url: '/content/x',
      sha256: 'e'.repeat(64),
      checksum: 'd'.repeat(32),
      file_size: 3,
      mime_type: 'image/png',
    };
    expect(parseWrite({ ...file, type: 'UPDATED', mods }, 'system')).toMatchObject({
      ok: true,
      change: { mods },
      ignored: [],
    });
    expect(
      parseWrite({ ...file, type: 'CREATED', obj: { uploaded_by: C, mime_type: 'image/webp' } }, 'system'),
    ).toMatchObject({
      ok: true,
      change: {
        obj: {
          uploaded_by: C,
          mime_type: 'image/webp',
          checksum: '',
          file_size: null,
          file_format: '',
          original_filename: '',
        },
      },
    });
  });

  test('of the system may say where a node came from, but not move it', () => {
    const node = { table: 'contentnode', key: A, channel_id: C };
    const obj = { parent: C, kind: 'topic', source_node_id: A };
    expect(parseWrite({ ...node, type: 'CREATED', obj }, 'system')).toMatchObject({ change: { obj } });
    expect(parseWrite({ ...node, type: 'CREATED', obj }, 'user')).toMatchObject({ ignored: ['source_node_id'] });
    expect(parseWrite({ ...node, type: 'UPDATED', mods: { parent: C } }, 'system')).toMatchObject({
      errors: [{ code: 'read_only_field' }],
    });
  });
});
