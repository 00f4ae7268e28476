import { parseFile } from 'music-metadata';
import { rgbaToThumbHash } from 'thumbhash';
import type { MediaFacts } from './facts.ts';
import { readMp4 } from './mp4.ts';
import { openPicture } from './picture.ts';
import { sniffMedia } from './sniff-media.ts';

/** A thumbhash is made of at most so many pixels in each direction. */
const HASHED_EDGE = 100;

/** Reads what the bytes at `path` say of themselves, by their signature and not by any name. Throws when it cannot. */
export async function examine(path: string): Promise<MediaFacts> {
  const mimeType = await sniffMedia(path);
  const [sort] = mimeType?.split('/') ?? [];
  if (mimeType !== null && sort === 'image') return await examinePicture(path, mimeType);
  if (sort === 'audio' || sort === 'video') return await examineRecording(path, sort);
  return { kind: 'other', width: null, height: null, duration: null, thumbhash: null };
}

async function examinePicture(path: string, mimeType: string): Promise<MediaFacts> {
  const picture = await openPicture(path, mimeType);
  const { autoOrient } = await picture.metadata();
  const { data, info } = await picture
    // With the kernel that ClassQuiz uses: another one gives another hash.
    .resize(HASHED_EDGE, HASHED_EDGE, { fit: 'inside', withoutEnlargement: true, kernel: 'cubic' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const thumbhash = Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
  return { kind: 'image', width: autoOrient.width, height: autoOrient.height, duration: null, thumbhash };
}

async function examineRecording(path: string, kind: 'audio' | 'video'): Promise<MediaFacts> {
  const { format } = await parseFile(path, { duration: true, skipCovers: true });
  const film = await readMp4(path);
  const track = format.trackInfo.find((each) => each.video)?.video;
  const stored = film?.video ?? (track && { width: track.pixelWidth, height: track.pixelHeight, isTurned: false });
  const [width, height] = stored?.isTurned ? [stored.height, stored.width] : [stored?.width, stored?.height];
  return {
    kind: format.hasVideo === true ? 'video' : kind,
    width: width ?? null,
    height: height ?? null,
    duration: format.duration ?? film?.seconds ?? null,
    thumbhash: null,
  };
}
