/** Sizes of pictures: the first two fit inside a square of 800 and 200 pixels, the third fills one of 200. */
export const DERIVATIVE_SIZES = { fullsize: 800, thumbnail: 200, square_thumbnail: 200 } as const;
export type DerivativeSize = keyof typeof DERIVATIVE_SIZES;

export function isDerivativeSize(value: unknown): value is DerivativeSize {
  return typeof value === 'string' && Object.hasOwn(DERIVATIVE_SIZES, value);
}

/** What a file says of itself. */
export interface MediaFacts {
  /** `other`: the bytes are of no such sort. `unreadable`: they seemed to be, but could not be read. */
  kind: 'image' | 'audio' | 'video' | 'other' | 'unreadable';
  /** Pixels as shown, that is, turned the right way up. */
  width: number | null;
  height: number | null;
  /** Seconds, with fractions. */
  duration: number | null;
  /** Standard Base64 with padding; of images only. */
  thumbhash: string | null;
}

/** Is there anything to see or hear in a file of this type? */
export function isMediaType(mimeType: string): boolean {
  return /^(?:image|audio|video)\//.test(mimeType);
}
