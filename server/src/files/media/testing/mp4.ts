/** A box of ISO's media format: length, type, content. */
export function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

function halves(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

interface Track {
  handler: 'vide' | 'soun';
  matrix: Buffer;
  size: [width: number, height: number];
  timescale: number;
  duration: number;
  sample: Buffer;
  times: [count: number, delta: number];
  /** Bytes of each sample. */
  bytes: number;
}

function track({ handler, matrix, size: [width, height], timescale, duration, sample, times, bytes }: Track): Buffer {
  const [count, delta] = times;
  const tkhd = box('tkhd', words(3, 0, 0, 1, 0, 2000), Buffer.alloc(16), matrix, words(width << 16, height << 16));
  const mdhd = box('mdhd', words(0, 0, 0, timescale, duration), halves(0x55c4, 0));
  const hdlr = box('hdlr', words(0, 0), Buffer.from(handler), Buffer.alloc(13));
  const samples = [box('stsd', words(0, 1), sample), box('stts', words(0, 1, count, delta))];
  const stbl = box('stbl', ...samples, box('stsc', words(0, 1, 1, count, 1)), box('stsz', words(0, bytes, count)));
  return box('trak', tkhd, box('mdia', mdhd, hdlr, box('minf', stbl)));
}

const UPRIGHT = words(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const TURNED = words(0, 0x10000, 0, 0xffff0000, 0, 0, 0, 0, 0x40000000);

/** Two seconds of film, 640 × 360 at 25 pictures a second, with a stereo track of 48 kHz. */
export function film({ turned = false, sound = true } = {}): Buffer {
  const avc1 = box(
    'avc1',
    Buffer.alloc(6),
    halves(1),
    Buffer.alloc(16),
    halves(640, 360),
    words(0x480000, 0x480000, 0),
    halves(1),
    Buffer.alloc(32),
    halves(24, 0xffff),
  );
  const mp4a = box('mp4a', Buffer.alloc(6), halves(1), Buffer.alloc(8), halves(2, 16, 0, 0), words(48_000 * 65_536));
  const shared = { matrix: UPRIGHT, duration: 25_600 };
  const video = track({
    ...shared,
    handler: 'vide',
    matrix: turned ? TURNED : UPRIGHT,
    size: [640, 360],
    timescale: 12_800,
    sample: avc1,
    times: [50, 512],
    bytes: 1_000,
  });
  const audio = track({
    ...shared,
    handler: 'soun',
    size: [0, 0],
    timescale: 48_000,
    duration: 96_000,
    sample: mp4a,
    times: [94, 1_024],
    bytes: 300,
  });
  const mvhd = box(
    'mvhd',
    words(0, 0, 0, 1_000, 2_000, 0x10000),
    Buffer.alloc(12),
    UPRIGHT,
    Buffer.alloc(24),
    words(3),
  );
  return Buffer.concat([
    box('ftyp', Buffer.from('isom'), words(512), Buffer.from('isomavc1')),
    box('mdat', Buffer.alloc(10)),
    box('moov', mvhd, video, ...(sound ? [audio] : [])),
  ]);
}
