import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announcement, code, md5, put, uploadUrl } from './testing/files.ts';
import { startFiles, type FilesServer } from './testing/server.ts';
import { idOf, tusCaller } from './testing/tus.ts';
import { judgeFormat, sniff } from './sniff.ts';

let server: FilesServer;
beforeAll(async () => {
  server = await startFiles();
  await server.user('ann');
});
afterAll(() => server.stop());

const PNG = Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010806000000', 'hex');
const HTML = Buffer.from('<!DOCTYPE html><script>alert(1)</script>');
const SVG = Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>');
const PDF = Buffer.from('%PDF-1.7\n%âãÏÓ\n');
const ZIP = Buffer.from('504b0304140000000800000021000000000000000000000000000500000061', 'hex');
const MP4 = Buffer.from('0000001c667479706d703432000000006d70343269736f6d0000000866726565', 'hex');
const WEBM = Buffer.from('1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878104', 'hex');
const ID3 = Buffer.from('49443303000000000021', 'hex');
const TEXT = Buffer.from('1\n00:00:01,000 --> 00:00:02,000\nHallo\n');

describe('bytes and the declared format', () => {
  it.each([
    ['png', PNG],
    ['pdf', PDF],
    ['zip', ZIP],
    ['h5p', ZIP],
    ['mp4', MP4],
    ['webm', WEBM],
    ['mp3', ID3],
    ['svg', SVG],
    ['graphie', SVG],
    ['vtt', TEXT],
    // Nothing proves what these are.
    ['png', TEXT],
    ['mp3', Buffer.from('fffb9064', 'hex')],
    ['pdf', Buffer.alloc(100, 7)],
    ['png', Buffer.alloc(0)],
    // Not one of our formats: no rule.
    ['exe', PNG],
  ])('%s may be %#', async (format, bytes) => {
    const found = await sniff(bytes);
    expect(() => judgeFormat(found, format)).not.toThrow();
  });

  it.each([
    ['png', HTML],
    ['png', SVG],
    ['png', ZIP],
    ['jpg', PNG],
    ['pdf', HTML],
    ['pdf', ZIP],
    ['svg', HTML],
    ['mp4', PNG],
    ['mp4', WEBM],
    ['webm', MP4],
    ['mp3', MP4],
    ['zip', PNG],
    ['vtt', PNG],
    ['vtt', HTML],
    ['json', PDF],
    ['zim', ZIP],
  ])('%s contradicts %#', async (format, bytes) => {
    const found = await sniff(bytes);
    expect(() => judgeFormat(found, format)).toThrow(`but ${format} was declared`);
  });
});

describe('nothing is kept of bytes that contradict', () => {
  const png = { name: 'a.png', file_format: 'png', preset: 'exercise_image' };

  it('by PUT', async () => {
    const granted = await uploadUrl(server, 'ann', announcement(HTML, png));
    expect(await code(await put(granted, HTML))).toBe('415 unsupported_type file_format');
    expect(await stored()).toEqual([]);
  });

  it('by tus, which is back at its start', async () => {
    const tus = tusCaller(server, 'ann');
    const url = await tus.made(HTML.length, { filename: 'a.png', filetype: 'image/png', checksum: md5(HTML) });
    expect(await code(await tus.patch(url, 0, HTML))).toBe('415 unsupported_type file_format');
    expect(await tus.offset(url)).toBe(0);
    expect(await stored()).toEqual([]);
    const row = server.connection.raw.prepare('SELECT uploaded, url FROM file WHERE id = ?').get(idOf(url));
    expect(row).toEqual({ uploaded: 0, url: null });
  });

  it('by parts, of which no whole is made', async () => {
    const tus = tusCaller(server, 'ann');
    const part = await tus.made(HTML.length, undefined, { 'Upload-Concat': 'partial' });
    await tus.patch(part, 0, HTML);
    const metadata = `filename ${Buffer.from('a.png').toString('base64')}`;
    const headers = { 'Upload-Concat': `final;${part}`, 'Upload-Metadata': metadata };
    expect(await code(await tus.request('POST', '/api/upload', headers))).toBe('415 unsupported_type file_format');
    expect(await stored()).toEqual([]);
  });

  async function stored(): Promise<string[]> {
    const names = await readdir(server.storage);
    const blobs = server.connection.raw.prepare('SELECT sha256 FROM blob').all();
    return [
      ...names.filter((name) => !['incoming', 'derived'].includes(name)).map((name) => join(name)),
      ...blobs.map(String),
    ];
  }
});
