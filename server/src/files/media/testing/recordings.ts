/** Recordings of nothing, as short as their formats allow: what a reader needs to tell size and length, and no picture or sound. */

const u16 = (...values: number[]) => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
const u32 = (...values: number[]) => Buffer.concat(values.map((value) => u16(value >>> 16, value & 0xffff)));
/** 16.16 fixed point. */
const fixed = (value: number) => u32(value * 65_536);
const ONE = fixed(1);
/** A unit matrix: shown as it is stored. */
const UPRIGHT = Buffer.concat([ONE, u32(0, 0, 0), ONE, u32(0, 0, 0), u32(0x40000000)]);
/** Turned by a quarter, as telephones do. */
const TURNED = Buffer.concat([u32(0), ONE, u32(0), u32(0xffff0000), u32(0, 0, 0, 0), u32(0x40000000)]);

function box(type: string, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body]);
}

export interface Film {
  width: number;
  height: number;
  seconds: number;
  isTurned?: boolean;
}

/** An MP4 (ISO/IEC 14496-12) with one H.264 track of a single empty sample. */
export function mp4({ width, height, seconds, isTurned = false }: Film): Buffer {
  const SCALE = 1_000;
  const length = seconds * SCALE;
  const avc1 = box(
    'avc1',
    u16(0, 0, 0, 1),
    Buffer.alloc(16),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(24, 0xffff),
    box('avcC', Buffer.from([1, 66, 0, 30, 0xff, 0xe0, 0])),
  );
  const table = box(
    'stbl',
    box('stsd', u32(0, 1), avc1),
    box('stts', u32(0, 1, 1, length)),
    box('stsc', u32(0, 1, 1, 1, 1)),
    box('stsz', u32(0, 4, 1)),
    box('stco', u32(0, 1, 32)),
  );
  const data = box('dinf', box('dref', u32(0, 1), box('url ', u32(1))));
  const media = box(
    'mdia',
    box('mdhd', u32(0, 0, 0, SCALE, length), u16(0x55c4, 0)),
    box('hdlr', u32(0, 0), Buffer.from('vide'), u32(0, 0, 0), Buffer.from('V\0')),
    box('minf', box('vmhd', u32(1), u16(0, 0, 0, 0)), data, table),
  );
  const track = box(
    'trak',
    box(
      'tkhd',
      u32(7, 0, 0, 1, 0, length, 0, 0),
      u16(0, 0, 0, 0),
      isTurned ? TURNED : UPRIGHT,
      fixed(width),
      fixed(height),
    ),
    media,
  );
  const head = box(
    'mvhd',
    u32(0, 0, 0, SCALE, length),
    ONE,
    u16(0x100, 0),
    u32(0, 0),
    UPRIGHT,
    Buffer.alloc(24),
    u32(2),
  );
  return Buffer.concat([
    box('ftyp', Buffer.from('isom'), u32(512), Buffer.from('isomavc1')),
    box('mdat', Buffer.alloc(4)),
    box('moov', head, track),
  ]);
}

/** An element of EBML (RFC 8794): its id as it is written, its size in eight bytes. */
function element(id: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const name = Buffer.from(id.toString(16).padStart(2, '0'), 'hex');
  return Buffer.concat([name, Buffer.from([0x01, 0, 0, 0]), u32(body.length), body]);
}

/** A WebM with one VP8 track and no clusters. */
export function webm({ width, height, seconds }: Film): Buffer {
  const duration = Buffer.alloc(8);
  duration.writeDoubleBE(seconds * 1_000);
  const head = element(
    0x1a45dfa3,
    element(0x4286, Buffer.from([1])),
    element(0x42f7, Buffer.from([1])),
    element(0x42f2, Buffer.from([4])),
    element(0x42f3, Buffer.from([8])),
    element(0x4282, Buffer.from('webm')),
    element(0x4287, Buffer.from([2])),
    element(0x4285, Buffer.from([2])),
  );
  const info = element(0x1549a966, element(0x2ad7b1, u32(1_000_000)), element(0x4489, duration));
  const track = element(
    0xae,
    element(0xd7, Buffer.from([1])),
    element(0x73c5, Buffer.from([1])),
    element(0x83, Buffer.from([1])),
    element(0x86, Buffer.from('V_VP8')),
    element(0xe0, element(0xb0, u16(width)), element(0xba, u16(height))),
  );
  return Buffer.concat([head, element(0x18538067, info, element(0x1654ae6b, track))]);
}

/** Bytes of a frame of 128 kbit/s, and its samples: MPEG-1 Layer III at 44.1 kHz, mono. */
const FRAME = 417;
const SAMPLES = 1_152;

/** An MP3 of silence that lasts at least so long; its frames say nothing of the whole. */
export function mp3(seconds: number): { bytes: Buffer; seconds: number } {
  const frame = Buffer.alloc(FRAME);
  frame.writeUInt32BE(0xfffb90c4);
  const count = Math.ceil((seconds * 44_100) / SAMPLES);
  return { bytes: Buffer.concat(Array.from({ length: count }, () => frame)), seconds: (count * SAMPLES) / 44_100 };
}
