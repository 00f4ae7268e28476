/** Kinds of content nodes. */
export const KINDS = ['topic', 'video', 'audio', 'document', 'exercise', 'html5', 'slideshow', 'h5p', 'zim'] as const;
export type Kind = (typeof KINDS)[number];

const known = new Set<unknown>(KINDS);

export function isKind(value: unknown): value is Kind {
  return known.has(value);
}
