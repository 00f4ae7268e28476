import { type Kind, KINDS } from '@cambium/protocol';

/** What people call the kinds of content. */
export const KIND_NAMES: Record<Kind, string> = {
  topic: 'Topic',
  video: 'Video',
  audio: 'Audio',
  document: 'Document',
  exercise: 'Exercise',
  html5: 'HTML5 app',
  slideshow: 'Slideshow',
  h5p: 'H5P activity',
  zim: 'ZIM archive',
};

export const ALL_KINDS: readonly Kind[] = KINDS;
