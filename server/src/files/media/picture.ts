import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';

/** Pixels of the largest picture that is read: a hundred megapixels, more than any camera of a teacher makes. */
const MAX_PIXELS = 100_000_000;
/** A drawing is text; a longer one is no thumbnail's source. */
export const MAX_SVG = 4_194_304;

sharp.cache(false);
sharp.concurrency(1);
// Only what people send and archives keep as pictures: every further reader is one more that a wrong file could break.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
    'VipsForeignLoadNsgif',
    'VipsForeignLoadHeif',
    'VipsForeignLoadTiff',
    'VipsForeignLoadSvgBuffer',
  ],
});

/** The first frame of a picture, turned the right way up. Reading starts when something is asked of it. */
export async function openPicture(path: string, mimeType: string): Promise<Sharp> {
  // From a buffer a drawing has no folder from which it could load others.
  const source = mimeType === 'image/svg+xml' ? await readFile(path) : path;
  return sharp(source, { limitInputPixels: MAX_PIXELS, sequentialRead: true, failOn: 'error', pages: 1 }).autoOrient();
}
