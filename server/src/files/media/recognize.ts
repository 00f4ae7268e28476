import { open } from 'node:fs/promises';
import { WASMagic, WASMagicFlags } from 'wasmagic';

/** What the bytes of a file themselves show. */
export interface Recognized {
  mime: string;
  /** In words, as `file -b` says. */
  type_os: string;
}

/** libmagic looks no further either. */
const HEAD = 1_048_576;
const MAX_WORDS = 255;

/** Names that the library of the day calls otherwise than those that wait for an answer. */
const RENAMED: Readonly<Record<string, string>> = {
  'application/x-empty': 'inode/x-empty',
  'image/bmp': 'image/x-ms-bmp',
  'audio/wav': 'audio/x-wav',
};

let loading: Promise<{ mime: WASMagic; words: WASMagic }> | undefined;

/** Loaded when it is first needed: its table of signatures takes some megabytes. */
function load(): Promise<{ mime: WASMagic; words: WASMagic }> {
  loading ??= Promise.all([WASMagic.create(), WASMagic.create({ flags: WASMagicFlags.NONE })]).then(
    ([mime, words]) => ({ mime, words }),
  );
  return loading;
}

/** Type and description of any file. On some texts it computes for long: nothing for a thread that answers requests. */
export async function recognize(path: string): Promise<Recognized> {
  const { mime, words } = await load();
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    const head = buffer.subarray(0, bytesRead);
    const type = mime.detect(head);
    return { mime: RENAMED[type] ?? type, type_os: words.detect(head).slice(0, MAX_WORDS) };
  } finally {
    await file.close();
  }
}
