import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256, upload } from './testing/files.ts';
import { startFiles, type FilesServer } from './testing/server.ts';

let server: FilesServer;

beforeAll(async () => {
  server = await startFiles();
  await server.user('ann');
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.stop();
});

async function urlOf(bytes: Uint8Array, more = {}): Promise<string> {
  return String((await upload(server, 'ann', bytes, more)).url);
}

describe('content', () => {
  it('is served to whoever has the URL, for ever', async () => {
    const bytes = randomBytes(3000);
    const answer = await fetch(await urlOf(bytes));
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': '3000',
      'cache-control': 'public, immutable, max-age=31536000',
      etag: `"${sha256(bytes)}"`,
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'inline; filename=a.pdf',
    });
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('answers HEAD, ranges and conditions', async () => {
    const url = await urlOf(Buffer.from('0123456789'));
    const ask = async (headers: Record<string, string>, method = 'GET') => {
      const answer = await fetch(url, { method, headers });
      return [answer.status, await answer.text(), answer.headers.get('Content-Range')];
    };
    const etag = `"${sha256(Buffer.from('0123456789'))}"`;
    expect(await ask({}, 'HEAD')).toEqual([200, '', null]);
    expect(await ask({ Range: 'bytes=2-4' })).toEqual([206, '234', 'bytes 2-4/10']);
    expect(await ask({ Range: 'bytes=-3' })).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await ask({ Range: 'bytes=20-' })).toEqual([416, '', 'bytes */10']);
    expect(await ask({ 'If-None-Match': etag })).toEqual([304, '', null]);
    expect(await ask({ 'If-Match': '"other"' })).toEqual([412, '', null]);
    expect(await ask({ 'If-Match': etag })).toEqual([200, '0123456789', null]);
    expect(await ask({ Range: 'bytes=0-1', 'If-Range': etag })).toEqual([206, '01', 'bytes 0-1/10']);
    expect(await ask({ Range: 'bytes=0-1', 'If-Range': '"other"' })).toEqual([200, '0123456789', null]);
  });

  it.each([
    'Übung 1.pdf',
    '日本語.pdf',
    'ملف.pdf',
    'שלום/../../etc/passwd.pdf',
    'a"b\\c.pdf',
    "it's;%41.pdf",
    '😀.pdf',
    'two\r\nX-Evil: 1\r\n.pdf',
    '.',
    '..',
    'x'.repeat(255),
    '?#%.pdf',
  ])('gives back the name %j', async (name) => {
    const url = await urlOf(Buffer.from(name), { name });
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('X-Evil')).toBeNull();
    const disposition = String(answer.headers.get('Content-Disposition'));
    const encoded = /filename\*=UTF-8''([^;]*)/.exec(disposition)?.[1];
    const quoted = /filename="((?:[^"\\]|\\.)*)"/.exec(disposition)?.[1]?.replace(/\\(.)/g, '$1');
    const told =
      encoded === undefined ? (quoted ?? /filename=([^;]*)/.exec(disposition)?.[1]) : decodeURIComponent(encoded);
    expect(told).toBe(name.split('/').at(-1));
  });

  it('never lets a browser run what was uploaded', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    const url = await urlOf(svg, { name: 'x.svg', file_format: 'svg', preset: 'exercise_image' });
    const { headers } = await fetch(url);
    expect(headers.get('Content-Type')).toBe('image/svg+xml');
    expect(headers.get('Content-Security-Policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(headers.get('Content-Disposition')).toMatch(/^attachment/);
  });

  it('is not found by a guessed, altered or forgotten URL', async () => {
    const file = await upload(server, 'ann', randomBytes(20));
    const url = String(file.url);
    const capability = url.split('/').at(-2) ?? '';
    const last = capability.endsWith('0') ? '1' : '0';
    for (const other of [url.replace(capability, capability.slice(0, -1) + last), url.replace(capability, file.id)]) {
      expect((await fetch(other)).status).toBe(404);
    }
    expect((await server.as('ann', `/api/file/${file.id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await fetch(url)).status).toBe(404);
  });
});
