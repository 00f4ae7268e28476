import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DERIVATIVE_SIZES, type DerivativeSize } from './facts.ts';
import { openPicture } from './picture.ts';
import { sniffMedia } from './sniff-media.ts';

const QUALITY = 80;

/** Writes the picture at `path` in another size to `target`, whole or not at all. Throws when it is no picture. */
export async function derive(path: string, target: string, size: DerivativeSize): Promise<void> {
  const mimeType = await sniffMedia(path);
  if (!mimeType?.startsWith('image/')) throw new Error('not a picture');
  const edge = DERIVATIVE_SIZES[size];
  const picture = await openPicture(path, mimeType);
  const fitted =
    size === 'square_thumbnail'
      ? picture.resize(edge, edge, { fit: 'cover', position: 'centre' })
      : picture.resize(edge, edge, { fit: 'inside', withoutEnlargement: true });
  const bytes = await fitted.flatten({ background: '#ffffff' }).jpeg({ quality: QUALITY }).toBuffer();
  await mkdir(dirname(target), { recursive: true });
  const draft = `${target}.${process.pid}`;
  try {
    await writeDurably(draft, bytes);
    await rename(draft, target);
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
