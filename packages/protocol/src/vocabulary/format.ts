interface FormatRule {
  /** The media type that its bytes are sent and served with. */
  readonly mime: string;
  /** Has a duration: audio and video. */
  readonly timed: boolean;
}

/** File formats by their extension. */
export const FORMATS = {
  mp4: { mime: 'video/mp4', timed: true },
  webm: { mime: 'video/webm', timed: true },
  mp3: { mime: 'audio/mpeg', timed: true },
  vtt: { mime: 'text/vtt', timed: false },
  pdf: { mime: 'application/pdf', timed: false },
  epub: { mime: 'application/epub+zip', timed: false },
  kpub: { mime: 'application/kpub+zip', timed: false },
  bloompub: { mime: 'application/bloompub+zip', timed: false },
  bloomd: { mime: 'application/bloompub+zip', timed: false },
  perseus: { mime: 'application/perseus+zip', timed: false },
  graphie: { mime: 'application/graphie', timed: false },
  zip: { mime: 'application/zip', timed: false },
  h5p: { mime: 'application/h5p+zip', timed: false },
  zim: { mime: 'application/x-zim', timed: false },
  json: { mime: 'application/json', timed: false },
  png: { mime: 'image/png', timed: false },
  jpg: { mime: 'image/jpeg', timed: false },
  jpeg: { mime: 'image/jpeg', timed: false },
  gif: { mime: 'image/gif', timed: false },
  svg: { mime: 'image/svg+xml', timed: false },
} as const satisfies Record<string, FormatRule>;
export type Format = keyof typeof FORMATS;

export function isFormat(value: unknown): value is Format {
  return typeof value === 'string' && Object.hasOwn(FORMATS, value);
}

/** The media type of a format; of an unknown one, that of plain bytes. */
export function mimeTypeOf(format: string): string {
  return isFormat(format) ? FORMATS[format].mime : 'application/octet-stream';
}

/** Does a file of this format need a duration? Every other must not have one. */
export function isTimed(format: string): boolean {
  return isFormat(format) && FORMATS[format].timed;
}
