import { expect, test } from 'vitest';
import {
  FORMATS,
  isFormat,
  isFormatAllowed,
  isKind,
  isLicenseId,
  isPresetName,
  isTimed,
  KINDS,
  mimeTypeOf,
  PRESETS,
  presetOf,
} from './vocabulary.ts';

test('every kind but topic has a preset that makes it complete, every kind a thumbnail', () => {
  const presets = Object.values(PRESETS);
  for (const kind of KINDS) {
    expect(
      presets.some((preset) => preset.kind === kind && preset.thumbnail),
      kind,
    ).toBe(true);
    if (kind !== 'topic')
      expect(
        presets.some((preset) => preset.kind === kind && !preset.supplementary),
        kind,
      ).toBe(true);
  }
});

test('every format has a use and a media type', () => {
  for (const format of Object.keys(FORMATS)) {
    expect(
      Object.keys(PRESETS).some((preset) => isFormatAllowed(format, preset)),
      format,
    ).toBe(true);
    expect(mimeTypeOf(format)).toMatch(/^(video|audio|image|text|application)\/[a-z0-9.+-]+$/);
  }
  expect(mimeTypeOf('exe')).toBe('application/octet-stream');
});

test('presets that are named by example allow what they are named for', () => {
  for (const [preset, format] of [
    ['high_res_video', 'mp4'],
    ['document', 'epub'],
    ['exercise_graphie', 'graphie'],
    ['html5_dependency', 'zip'],
    ['video_subtitle', 'vtt'],
    ['channel_thumbnail', 'png'],
  ] as const) {
    expect(isFormatAllowed(format, preset)).toBe(true);
  }
  expect(isFormatAllowed('mp4', 'document')).toBe(false);
  expect(presetOf('video_subtitle')).toMatchObject({ multiLanguage: true, supplementary: true });
});

test('names are looked up among the names alone', () => {
  for (const name of ['__proto__', 'constructor', 'toString', '', 'TOPIC']) {
    expect([
      isKind(name),
      isFormat(name),
      isPresetName(name),
      isTimed(name),
      isFormatAllowed(name, name),
    ]).not.toContain(true);
    expect(presetOf(name)).toBeUndefined();
  }
  expect([1, 9].every(isLicenseId)).toBe(true);
  expect([0, 10, 1.5, '1', null].some(isLicenseId)).toBe(false);
});
