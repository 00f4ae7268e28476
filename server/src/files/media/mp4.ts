import { open, type FileHandle } from 'node:fs/promises';

/** What the header of an MP4 or QuickTime file says; null for what it does not have. */
export interface Mp4 {
  seconds: number | null;
  video: Mp4Video | null;
  audio: Mp4Audio | null;
}

export interface Mp4Video {
  /** Pixels as stored. */
  width: number;
  height: number;
  /** Is it shown turned by a quarter? */
  isTurned: boolean;
  /** The codec's four letters, such as `avc1`. */
  fourcc: string;
  /** Pictures a second. */
  frameRate: number | null;
  /** Bits a second. */
  bitrate: number | null;
}

export interface Mp4Audio {
  fourcc: string;
  channels: number;
  /** Hertz. */
  sampleRate: number;
  bitrate: number | null;
}

/** Bytes of a header that is read: that of a film of many hours stays below. */
const MAX_HEADER = 67_108_864;
/** Boxes beside each other; more than a few hundred are in no honest header, and a film in pieces has its header first. */
const MAX_BOXES = 10_000;

/** Reads the header of a film. Null when there is none, or none that holds together. */
export async function readMp4(path: string): Promise<Mp4 | null> {
  const file = await open(path);
  try {
    const header = await findHeader(file);
    return header && parseHeader(header);
  } catch (error) {
    // A box that ends before its fields do.
    if (error instanceof RangeError) return null;
    throw error;
  } finally {
    await file.close();
  }
}

async function findHeader(file: FileHandle): Promise<Buffer | null> {
  const head = Buffer.alloc(16);
  let at = 0;
  for (let count = 0; count < MAX_BOXES; count += 1) {
    const { bytesRead } = await file.read(head, 0, 16, at);
    if (bytesRead < 8) return null;
    const short = head.readUInt32BE(0);
    const [length, skip] = short === 1 && bytesRead === 16 ? [Number(head.readBigUInt64BE(8)), 16] : [short, 8];
    if (length < skip) return null;
    if (head.toString('latin1', 4, 8) === 'moov') {
      if (length > MAX_HEADER) return null;
      const { buffer, bytesRead: came } = await file.read(Buffer.alloc(length - skip), 0, length - skip, at + skip);
      return came === length - skip ? buffer : null;
    }
    at += length;
  }
  return null;
}

/** The boxes inside of one, by type; what is cut off or of no length ends them, and so do too many. */
function boxesIn(bytes: Buffer): Map<string, Buffer[]> {
  const found = new Map<string, Buffer[]>();
  let at = 0;
  for (let count = 0; count < MAX_BOXES && at + 8 <= bytes.length; count += 1) {
    const length = bytes.readUInt32BE(at);
    if (length < 8 || at + length > bytes.length) break;
    const type = bytes.toString('latin1', at + 4, at + 8);
    const content = bytes.subarray(at + 8, at + length);
    const same = found.get(type);
    if (same) same.push(content);
    else found.set(type, [content]);
    at += length;
  }
  return found;
}

/** The first box on the path. */
function boxAt(bytes: Buffer | undefined, ...path: readonly string[]): Buffer | undefined {
  return path.reduce<Buffer | undefined>((inside, type) => inside && boxesIn(inside).get(type)?.[0], bytes);
}

function parseHeader(moov: Buffer): Mp4 {
  const found: Mp4 = { seconds: secondsOf(boxAt(moov, 'mvhd')), video: null, audio: null };
  for (const track of boxesIn(moov).get('trak') ?? []) {
    const media = boxAt(track, 'mdia');
    const handler = boxAt(media, 'hdlr')?.toString('latin1', 8, 12);
    const table = boxAt(media, 'minf', 'stbl');
    const sample = boxAt(table, 'stsd')?.subarray(8);
    if (!table || !sample || sample.length < 36) continue;
    const seconds = secondsOf(boxAt(media, 'mdhd'));
    const shared = { fourcc: sample.toString('latin1', 4, 8), bitrate: perSecond(bytesOf(table) * 8, seconds) };
    if (handler === 'vide') found.video ??= videoOf(track, table, sample, seconds, shared);
    if (handler === 'soun')
      found.audio ??= { ...shared, channels: sample.readUInt16BE(24), sampleRate: sample.readUInt32BE(32) / 65_536 };
  }
  return found;
}

function videoOf(
  track: Buffer,
  table: Buffer,
  sample: Buffer,
  seconds: number | null,
  shared: Pick<Mp4Video, 'fourcc' | 'bitrate'>,
): Mp4Video {
  const header = boxAt(track, 'tkhd');
  // Version 1 has times of 64 bits.
  const matrix = header && (header.readUInt8(0) === 1 ? 52 : 40);
  const isTurned = header !== undefined && matrix !== undefined && header.readInt32BE(matrix) === 0;
  const frameRate = perSecond(countOf(table), seconds);
  return { ...shared, width: sample.readUInt16BE(32), height: sample.readUInt16BE(34), isTurned, frameRate };
}

/** Length of a film or track by its `mvhd` or `mdhd`. */
function secondsOf(header: Buffer | undefined): number | null {
  if (!header) return null;
  const isLong = header.readUInt8(0) === 1;
  const scale = header.readUInt32BE(isLong ? 20 : 12);
  const length = isLong ? Number(header.readBigUInt64BE(24)) : header.readUInt32BE(16);
  return scale > 0 && length > 0 ? length / scale : null;
}

/** How many samples the track has. */
function countOf(table: Buffer): number {
  const sizes = boxAt(table, 'stsz');
  return sizes ? sizes.readUInt32BE(8) : 0;
}

/** Bytes of all its samples. */
function bytesOf(table: Buffer): number {
  const sizes = boxAt(table, 'stsz');
  if (!sizes) return 0;
  const each = sizes.readUInt32BE(4);
  if (each > 0) return each * countOf(table);
  let sum = 0;
  for (let at = 12; at + 4 <= sizes.length; at += 4) sum += sizes.readUInt32BE(at);
  return sum;
}

function perSecond(count: number, seconds: number | null): number | null {
  return seconds !== null && count > 0 ? count / seconds : null;
}
