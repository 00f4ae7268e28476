import { open, stat } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { MAX_SVG } from './picture.ts';

const HEAD = 1_024;

/** The media type that the bytes themselves show; null when they show none. */
export async function sniffMedia(path: string): Promise<string | null> {
  const found = await fileTypeFromFile(path);
  if (found && found.mime !== 'application/xml') return found.mime;
  return (await isDrawing(path)) ? 'image/svg+xml' : null;
}

async function isDrawing(path: string): Promise<boolean> {
  if ((await stat(path)).size > MAX_SVG) return false;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return /<svg[\s>]/i.test(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await file.close();
  }
}
