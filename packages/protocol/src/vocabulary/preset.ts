import type { Format } from './format.ts';
import type { Kind } from './kind.ts';

export interface Preset {
  /** The kind of node that such a file belongs to; null for any. */
  readonly kind: Kind | null;
  readonly formats: readonly Format[];
  /** Accompanies the node's content and does not make it complete. */
  readonly supplementary: boolean;
  readonly thumbnail: boolean;
  /** A node may have one file of this preset in each language. */
  readonly multiLanguage: boolean;
}

const VIDEO = ['mp4', 'webm'] as const;
const AUDIO = ['mp3'] as const;
const IMAGE = ['png', 'jpg', 'jpeg'] as const;
const ZIP = ['zip'] as const;
const DOCUMENT = ['pdf', 'epub', 'kpub', 'bloompub', 'bloomd'] as const;

function content(kind: Kind, formats: readonly Format[]): Preset {
  return { kind, formats, supplementary: false, thumbnail: false, multiLanguage: false };
}

function extra(kind: Kind, formats: readonly Format[], multiLanguage = false): Preset {
  return { kind, formats, supplementary: true, thumbnail: false, multiLanguage };
}

function thumbnail(kind: Kind | null): Preset {
  return { kind, formats: IMAGE, supplementary: true, thumbnail: true, multiLanguage: false };
}

/** The preset of files that are for nothing in particular, as in a collection of files; any format. */
export const ATTACHMENT = 'attachment';

/** What a file may be for a node, by the name of the preset. */
export const PRESETS = {
  [ATTACHMENT]: { kind: null, formats: [], supplementary: false, thumbnail: false, multiLanguage: false },
  video: content('video', VIDEO),
  high_res_video: content('video', VIDEO),
  low_res_video: content('video', VIDEO),
  video_dependency: extra('video', VIDEO),
  video_subtitle: extra('video', ['vtt'], true),
  video_thumbnail: thumbnail('video'),
  audio: content('audio', AUDIO),
  audio_dependency: extra('audio', AUDIO),
  audio_thumbnail: thumbnail('audio'),
  document: content('document', DOCUMENT),
  epub: content('document', ['epub']),
  kpub: content('document', ['kpub']),
  bloompub: content('document', ['bloompub', 'bloomd']),
  document_thumbnail: thumbnail('document'),
  exercise: content('exercise', ['perseus']),
  qti: content('exercise', ZIP),
  exercise_image: extra('exercise', [...IMAGE, 'gif', 'svg']),
  exercise_graphie: extra('exercise', ['svg', 'json', 'graphie']),
  exercise_thumbnail: thumbnail('exercise'),
  qti_thumbnail: thumbnail('exercise'),
  html5_zip: content('html5', ZIP),
  imscp_zip: content('html5', ZIP),
  html5_dependency: extra('html5', ZIP),
  html5_thumbnail: thumbnail('html5'),
  h5p: content('h5p', ['h5p']),
  h5p_thumbnail: thumbnail('h5p'),
  zim: content('zim', ['zim']),
  zim_thumbnail: thumbnail('zim'),
  slideshow_image: content('slideshow', IMAGE),
  slideshow_manifest: content('slideshow', ['json']),
  slideshow_thumbnail: thumbnail('slideshow'),
  topic_thumbnail: thumbnail('topic'),
  channel_thumbnail: thumbnail(null),
} as const satisfies Record<string, Preset>;
export type PresetName = keyof typeof PRESETS;

export function isPresetName(value: unknown): value is PresetName {
  return typeof value === 'string' && Object.hasOwn(PRESETS, value);
}

/** The preset of that name, or undefined. */
export function presetOf(name: string | null): Preset | undefined {
  return isPresetName(name) ? PRESETS[name] : undefined;
}

/** May a file of this format have that preset? */
export function isFormatAllowed(format: string, preset: string): boolean {
  return (presetOf(preset)?.formats as readonly string[] | undefined)?.includes(format) ?? false;
}
