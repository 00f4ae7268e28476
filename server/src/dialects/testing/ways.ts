import { createHash } from 'node:crypto';
import type { Api, TestServer } from '../../http/testing/harness.ts';
import { signedForm, type Consumer } from './learnosity.ts';

/** A way for a user to bring a PNG; gives the file's id, 32 hex digits. */
export type Way = (bytes: Uint8Array) => Promise<string>;

const AUTHORIZATION = (user: Api) => ({ authorization: `Bearer ${user.token}` });

/** A picture that no other one is equal to. */
export function pngOf(seed: number): Buffer {
  const head = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  return Buffer.concat([head, createHash('sha512').update(String(seed)).digest()]);
}

/** Every API by which a file can come, for one user. */
export function waysOf({ server }: TestServer, user: Api, consumer: Consumer): Record<string, Way> {
  const url = server.url;
  const ids = async () => new Set((await itemsOf(url, user)).map(({ id }) => id));

  return {
    async 'signed URL'(bytes) {
      const checksum = createHash('md5').update(bytes).digest('hex');
      const obj = { size: bytes.length, checksum, name: 'a.png', file_format: 'png', preset: 'document_thumbnail' };
      const { json } = await user.post('/api/file/upload_url', obj);
      const granted = json as unknown as { url: string; content_type: string; file: { id: string } };
      await ok(
        fetch(granted.url, {
          method: 'PUT',
          body: bytes as BodyInit,
          headers: { 'content-type': granted.content_type },
        }),
        200,
      );
      return granted.file.id;
    },

    async tus(bytes) {
      const headers = { ...AUTHORIZATION(user), 'tus-resumable': '1.0.0' };
      const filename = Buffer.from('a.png').toString('base64');
      const create = { 'upload-length': String(bytes.length), 'upload-metadata': `filename ${filename}` };
      const made = await ok(fetch(`${url}/api/upload`, { method: 'POST', headers: { ...headers, ...create } }), 201);
      const location = new URL(String(made.headers.get('location')), url);
      const patch = { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
      await ok(fetch(location, { method: 'PATCH', headers: { ...headers, ...patch }, body: bytes as BodyInit }), 204);
      return location.pathname.slice(-32);
    },

    async ClassQuiz(bytes) {
      const form = new FormData();
      form.set('file', new Blob([bytes as BlobPart], { type: 'image/png' }), 'a.png');
      const answer = await ok(
        fetch(`${url}/api/v1/storage/`, { method: 'POST', body: form, headers: AUTHORIZATION(user) }),
        200,
      );
      return ((await answer.json()) as { id: string }).id.replaceAll('-', '');
    },

    async Omeka(bytes) {
      const made = await ok(fetch(`${url}/api/items?key=${user.token}`, { method: 'POST', body: '{}' }), 201);
      const { id } = (await made.json()) as { id: number };
      const form = new FormData();
      form.set('data', JSON.stringify({ item: { id } }));
      form.set('file', new Blob([bytes as BlobPart]), 'a.png');
      const answer = await ok(fetch(`${url}/api/files?key=${user.token}`, { method: 'POST', body: form }), 201);
      return ((await answer.json()) as { filename: string }).filename.slice(0, 32);
    },

    async Learnosity(bytes) {
      const subkeys = [`${createHash('md5').update(bytes).digest('hex')}.png`];
      const answer = await ok(
        fetch(`${url}/v1/itembank/upload/assets`, { method: 'POST', body: signedForm(consumer, { subkeys }) }),
        200,
      );
      const { data } = (await answer.json()) as { data: { upload: string; content_type: string }[] };
      const before = await ids();
      const [granted] = data;
      if (!granted) throw new Error('nothing was granted');
      await ok(
        fetch(granted.upload, {
          method: 'PUT',
          body: bytes as BodyInit,
          headers: { 'content-type': granted.content_type },
        }),
        200,
      );
      const [id] = [...(await ids())].filter((each) => !before.has(each));
      return String(id).replaceAll('-', '');
    },
  };
}

/** The user's files as ClassQuiz lists them. */
export async function itemsOf(url: string, user: Api): Promise<{ id: string; size: number }[]> {
  const answer = await fetch(`${url}/api/v1/storage/list/last`, { headers: AUTHORIZATION(user) });
  return (await answer.json()) as { id: string; size: number }[];
}

async function ok(answering: Promise<Response>, status: number): Promise<Response> {
  const answer = await answering;
  if (answer.status !== status) throw new Error(`${answer.url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}
