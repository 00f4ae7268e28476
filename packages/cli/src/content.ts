import { ATTACHMENT, type FORMATS, isFormat, isTimed, type Kind, mimeTypeOf } from '@cambium/protocol';

/** What a file of a folder becomes: a node of which kind, with which preset, in which media type. */
export interface Content {
  kind: Kind;
  /** `attachment` where the name alone cannot say: an unknown format, or audio and video, which need a duration. */
  preset: string;
  type: string;
}

const KIND_OF: Partial<Record<keyof typeof FORMATS, { kind: Kind; preset: string }>> = {
  pdf: { kind: 'document', preset: 'document' },
  epub: { kind: 'document', preset: 'epub' },
  kpub: { kind: 'document', preset: 'kpub' },
  bloompub: { kind: 'document', preset: 'bloompub' },
  mp4: { kind: 'video', preset: 'high_res_video' },
  webm: { kind: 'video', preset: 'high_res_video' },
  mp3: { kind: 'audio', preset: 'audio' },
  h5p: { kind: 'h5p', preset: 'h5p' },
  zim: { kind: 'zim', preset: 'zim' },
  perseus: { kind: 'exercise', preset: 'exercise' },
};

/** By the ending of a file's name; whatever has no kind of its own is a document. */
export function contentOf(name: string): Content {
  const format = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const known = isFormat(format) ? KIND_OF[format] : undefined;
  return {
    kind: known?.kind ?? 'document',
    preset: known === undefined || isTimed(format) ? ATTACHMENT : known.preset,
    type: mimeTypeOf(format),
  };
}
