import { type FileRow, type Kind, Refusal } from '@cambium/protocol';

const IMAGES = ['png', 'jpg', 'jpeg', 'gif', 'svg'];
const DOCUMENTS = { pdf: 'document', epub: 'epub', kpub: 'kpub', bloompub: 'bloompub', bloomd: 'bloompub' };

/** What a file of a format most likely is to a node of a kind; images beyond these are thumbnails. */
const USUAL: Record<Kind, Record<string, string>> = {
  topic: {},
  video: { mp4: 'high_res_video', webm: 'high_res_video', vtt: 'video_subtitle' },
  audio: { mp3: 'audio' },
  document: DOCUMENTS,
  exercise: {
    perseus: 'exercise',
    zip: 'qti',
    json: 'exercise_graphie',
    graphie: 'exercise_graphie',
    ...Object.fromEntries(IMAGES.map((format) => [format, 'exercise_image'])),
  },
  html5: { zip: 'html5_zip' },
  slideshow: { png: 'slideshow_image', jpg: 'slideshow_image', jpeg: 'slideshow_image', json: 'slideshow_manifest' },
  h5p: { h5p: 'h5p' },
  zim: { zim: 'zim' },
};

/** Presets of which a node has as many files as it likes; of any other a new file takes the old one's place. */
const SEVERAL = new Set(['slideshow_image', 'exercise_image', 'exercise_graphie']);
const ONE_PER_LANGUAGE = new Set(['video_subtitle']);

/** The last part of a file name, in lower case. */
export function formatOf(name: string): string {
  const format = /\.([^./\\]{1,20})$/.exec(name)?.[1]?.toLowerCase();
  if (!format)
    throw new Refusal('invalid_value', {
      field: 'name',
      message: 'The file name has no ending that tells its format.',
    });
  return format;
}

/** The same of an attachment, which may have any name: bytes of no known format are `bin`. */
export function anyFormatOf(name: string): string {
  const format = /\.([a-z0-9_+-]{1,16})$/i.exec(name)?.[1]?.toLowerCase();
  return format ?? 'bin';
}

/** The preset of a file that nobody named one for. */
export function presetFor(kind: Kind, format: string): string {
  const preset = USUAL[kind][format] ?? (IMAGES.slice(0, 3).includes(format) ? `${kind}_thumbnail` : undefined);
  if (!preset)
    throw new Refusal('invalid_value', { field: 'file_format', message: `A ${kind} takes no .${format} files.` });
  return preset;
}

/** The formats that a node of a kind takes, as a file chooser wants them: `.pdf,.epub`. */
export function acceptedFormats(kind: Kind): string {
  return [...new Set([...Object.keys(USUAL[kind]), ...IMAGES.slice(0, 3)])].map((format) => `.${format}`).join(',');
}

/** Does a new file take the place of an old one of the same node? */
export function replaces(
  file: Pick<FileRow, 'preset' | 'language'>,
  old: Pick<FileRow, 'preset' | 'language'>,
): boolean {
  if (file.preset === null || file.preset !== old.preset || SEVERAL.has(file.preset)) return false;
  return !ONE_PER_LANGUAGE.has(file.preset) || file.language === old.language;
}
