import { stat } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { sniffFile } from '../sniff.ts';
import { MAX_SVG } from './picture.ts';

/** The media type that the bytes themselves show; null when they show none. */
export async function sniffMedia(path: string): Promise<string | null> {
  const found = await fileTypeFromFile(path);
  if (found && found.ext !== 'xml') return found.mime;
  const markup = await sniffFile(path);
  return markup && (await stat(path)).size <= MAX_SVG ? markup.mime : null;
}
