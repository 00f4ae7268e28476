import { stat } from 'node:fs/promises';
import exifr from 'exifr';
import { parseFile, type IAudioMetadata } from 'music-metadata';
import { readMp4, type Mp4Video } from './mp4.ts';
import { openPicture } from './picture.ts';
import { sniffMedia } from './sniff-media.ts';

type Fields = Record<string, unknown>;

/** What a file says of itself, in the arrangement of getID3: `mime_type`, `video`, `audio`, `comments`, `jpg` … */
export type Description = Fields;

/** Values beyond this are thumbnails and makers' notes, which nobody reads as text. */
const MAX_TEXT = 2_000;

/** Reads everything that the bytes at `path` say of themselves; an empty object when that is nothing. */
export async function describe(path: string): Promise<Description> {
  const mimeType = await sniffMedia(path);
  const [sort] = mimeType?.split('/') ?? [];
  if (mimeType !== null && sort === 'image') return await describePicture(path, mimeType);
  if (sort === 'audio' || sort === 'video') return await describeRecording(path, mimeType ?? '');
  return mimeType === 'application/pdf' ? { mime_type: mimeType } : {};
}

async function describePicture(path: string, mimeType: string): Promise<Description> {
  const picture = await openPicture(path, mimeType);
  const { width, height, channels, depth, format } = await picture.metadata();
  const { size } = await stat(path);
  const bits = channels * (depth === 'ushort' ? 16 : 8);
  const video = {
    dataformat: format === 'jpeg' ? 'jpg' : format,
    lossless: format === 'png' || format === 'gif',
    bits_per_sample: bits,
    pixel_aspect_ratio: 1,
    resolution_x: width,
    resolution_y: height,
    compression_ratio: size / ((width * height * bits) / 8),
  };
  const exif = format === 'jpeg' ? await describeExif(path, size, { width, height }) : null;
  return { mime_type: mimeType, video, ...(exif && { jpg: { exif } }) };
}

async function describeExif(
  path: string,
  size: number,
  { width, height }: { width: number; height: number },
): Promise<Fields | null> {
  const options = {
    ifd0: {},
    exif: true,
    gps: true,
    interop: false,
    mergeOutput: false,
    reviveValues: false,
    translateValues: false,
  };
  const found = (await exifr.parse(path, options)) as { ifd0?: Fields; exif?: Fields; gps?: Fields } | undefined;
  if (!found) return null;
  const sections = { IFD0: found.ifd0, EXIF: found.exif, GPS: found.gps };
  const exif: Fields = {
    FILE: { FileSize: size, MimeType: 'image/jpeg' },
    COMPUTED: { Width: width, Height: height, IsColor: 1 },
  };
  for (const [name, section] of Object.entries(sections)) if (section) exif[name] = plain(section);
  return exif;
}

async function describeRecording(path: string, mimeType: string): Promise<Description> {
  const { format, common } = await parseFile(path, { duration: true, skipCovers: true });
  const film = await readMp4(path);
  const audio = film && !film.audio ? undefined : describeAudio(format, mimeType, film !== null);
  const video = film?.video ? describeFilm(film.video) : describeVideo(format, mimeType);
  const comments = commentsOf(common);
  const html = Object.fromEntries(Object.entries(comments).map(([key, values]) => [key, values.map(escape)]));
  return plain({
    mime_type: mimeType,
    ...(audio && { audio }),
    ...(video && { video }),
    ...(Object.keys(comments).length > 0 && { comments, comments_html: html }),
  }) as Description;
}

/** What getID3 calls the codecs that are met today; the others go by their four letters. */
const CODECS: Readonly<Record<string, string>> = { avc1: 'H.264/MPEG-4 AVC', hvc1: 'H.265/HEVC', mp4v: 'MPEG-4' };

function describeFilm({ width, height, fourcc, frameRate, bitrate }: Mp4Video): Fields {
  return {
    dataformat: 'quicktime',
    resolution_x: width,
    resolution_y: height,
    fourcc,
    codec: CODECS[fourcc] ?? fourcc,
    frame_rate: frameRate ?? undefined,
    bitrate: bitrate ?? undefined,
  };
}

function describeVideo(format: IAudioMetadata['format'], mimeType: string): Fields | undefined {
  const track = format.trackInfo.find((each) => each.video);
  return (
    track?.video && {
      dataformat: mimeType.replace(/^.*\//, ''),
      resolution_x: track.video.pixelWidth,
      resolution_y: track.video.pixelHeight,
      codec: track.codecName,
    }
  );
}

function describeAudio(format: IAudioMetadata['format'], mimeType: string, isMp4: boolean): Fields {
  const {
    container,
    codec,
    numberOfChannels: channels,
    sampleRate: sample_rate,
    bitrate,
    lossless,
    codecProfile,
    tool,
  } = format;
  const raw =
    channels !== undefined && sample_rate !== undefined ? channels * sample_rate * (format.bitsPerSample ?? 16) : null;
  const audio = {
    dataformat: isMp4 ? 'mp4' : mimeType === 'audio/mpeg' ? 'mp3' : (container ?? '').toLowerCase(),
    codec,
    channels,
    sample_rate,
    bitrate,
    bits_per_sample: format.bitsPerSample,
    channelmode: channels === 1 ? 'mono' : channels === 2 ? 'stereo' : undefined,
    bitrate_mode: /^(?:CBR|V\d)/i.test(codecProfile ?? '') ? (codecProfile === 'CBR' ? 'cbr' : 'vbr') : undefined,
    lossless: lossless ?? false,
    encoder: tool,
    encoder_options:
      codecProfile === 'CBR' && bitrate !== undefined ? `CBR${Math.round(bitrate / 1000)}` : codecProfile,
    compression_ratio: raw !== null && bitrate !== undefined ? bitrate / raw : undefined,
  };
  return { ...audio, streams: [audio] };
}

/** Tags by name, each a list of texts. */
function commentsOf(common: IAudioMetadata['common']): Record<string, string[]> {
  const { title, artists, artist, album, genre, year, track, composer, comment } = common;
  const lists: Record<string, (string | number | null | undefined)[]> = {
    title: [title],
    artist: artists ?? [artist],
    album: [album],
    genre: genre ?? [],
    year: [year],
    track_number: [track.no],
    composer: composer ?? [],
    comment: comment?.map(({ text }) => text) ?? [],
  };
  const texts = Object.entries(lists).map(([key, values]) => {
    const known = values.filter((value) => value !== null && value !== undefined && value !== '');
    return [key, known.map((value) => String(value).slice(0, MAX_TEXT))] as const;
  });
  return Object.fromEntries(texts.filter(([, values]) => values.length > 0));
}

/** Only what JSON can say and somebody can read. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string') return value.replaceAll('\0', '').slice(0, MAX_TEXT);
  if (value instanceof Uint8Array) return undefined;
  if (Array.isArray(value)) return value.slice(0, 100).map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

function escape(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#039;' };
  return text.replace(/[&<>"']/g, (found) => names[found] ?? found);
}
