import { open } from 'node:fs/promises';
import { isFormat, Refusal, type Format } from '@cambium/protocol';
import { fileTypeFromBuffer } from 'file-type';

/** What bytes show themselves to be. */
export interface Sniffed {
  /** The usual ending of the format. */
  ext: string;
  mime: string;
}

/** Signatures lie at the beginning; a ZIP shows its sort by the names of its first members. */
const HEAD = 4_096;

const ZIP = ['zip', 'epub', 'jar', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'xpi', 'apk', '3mf', 'vsdx'] as const;
const MPEG4 = ['mp4', 'm4v', 'mov', 'm4a', 'f4v', '3gp', '3g2'] as const;
const MATROSKA = ['webm', 'mkv'] as const;

/** What the bytes of each format may show themselves to be. */
const SHOWN: Record<Format, readonly string[]> = {
  png: ['png', 'apng'],
  jpg: ['jpg'],
  jpeg: ['jpg'],
  gif: ['gif'],
  svg: ['xml'],
  pdf: ['pdf'],
  mp4: MPEG4,
  webm: MATROSKA,
  mp3: ['id3'],
  epub: ZIP,
  kpub: ZIP,
  bloompub: ZIP,
  bloomd: ZIP,
  perseus: ZIP,
  zip: ZIP,
  h5p: ZIP,
  graphie: [...ZIP, 'xml'],
  zim: [],
  json: [],
  vtt: [],
};

/** What a signature proves, or the beginning of markup: three bytes and more, as fewer come up by chance. */
const OTHERS =
  'png apng jpg gif webp avif heic pdf ogg ogv oga opus wav avi flac id3 7z rar xz elf macho sqlite html xml';
const PROVEN = new Set<string>([...ZIP, ...MPEG4, ...MATROSKA, ...OTHERS.split(' ')]);

/**
 * Refuses bytes that prove to be of another format than the declared one, with `unsupported_type` (415). Bytes that
 * prove nothing pass: whoever reads them learns soon enough, and what is served goes under the declared type.
 */
export function judgeFormat(found: Sniffed | null, format: string): void {
  if (!isFormat(format) || found === null) return;
  if (!PROVEN.has(found.ext) || SHOWN[format].includes(found.ext)) return;
  throw new Refusal('unsupported_type', {
    field: 'file_format',
    message: `The bytes are ${found.ext}, but ${format} was declared.`,
  });
}

/** The same for bytes on disk. */
export async function checkFormat(path: string, format: string): Promise<void> {
  judgeFormat(await sniffFile(path), format);
}

/** What the first bytes of something show; null when they show nothing. */
export async function sniff(bytes: Uint8Array): Promise<Sniffed | null> {
  const head = bytes.subarray(0, HEAD);
  if (isId3(head)) return { ext: 'id3', mime: 'audio/mpeg' };
  const found = await fileTypeFromBuffer(head);
  if (found) return found.ext === 'xml' ? markup(head) : found;
  return isZip(head) ? { ext: 'zip', mime: 'application/zip' } : markup(head);
}

export async function sniffFile(path: string): Promise<Sniffed | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return await sniff(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

const LESS_THAN = 0x3c;
/** White space, and the bytes of the mark that tells UTF-8. */
const BEFORE_MARKUP = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xef, 0xbb, 0xbf]);

/** Markup has no signature, but it has a beginning. */
function markup(head: Uint8Array): Sniffed | null {
  // To read bytes that are no text as text takes longer than to hash them.
  const first = head.findIndex((byte) => !BEFORE_MARKUP.has(byte));
  if (head[first] !== LESS_THAN) return null;
  const text = Buffer.from(head)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (/^<(?:!doctype html|html|head|body|script|iframe)[\s>]/i.test(text)) return { ext: 'html', mime: 'text/html' };
  if (!/^<(?:\?xml|svg|!doctype svg)[\s>]/i.test(text)) return null;
  return { ext: 'xml', mime: /<svg[\s>]/i.test(text) ? 'image/svg+xml' : 'application/xml' };
}

/** `fileTypeFromBuffer` wants the names of the members, which may lie beyond what is read here. */
function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 0x03 && head[3] === 0x04;
}

/** A tag of its own in front of the sound; a bare frame of MP3 shows no more than eleven bits. */
function isId3(head: Uint8Array): boolean {
  return head[0] === 0x49 && head[1] === 0x44 && head[2] === 0x33 && (head[3] ?? 255) < 5;
}
