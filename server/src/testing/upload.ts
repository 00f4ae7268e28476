import { createHash } from 'node:crypto';
import type { Id, JsonObject } from '@cambium/protocol';
import type { Api } from '../http/testing/harness.ts';

/** Uploads a document by `upload_url` and PUT; returns the file's id. */
export async function upload(api: Api, bytes: Buffer, more: JsonObject = {}): Promise<Id> {
  const announced = await api.post('/api/file/upload_url', {
    size: bytes.length,
    checksum: createHash('md5').update(bytes).digest('hex'),
    name: 'a document.pdf',
    file_format: 'pdf',
    preset: 'document',
    ...more,
  });
  const { url, content_type, file } = announced.json as { url: string; content_type: string; file: { id: Id } };
  const sent = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': content_type },
    body: new Uint8Array(bytes),
  });
  if (sent.status !== 200) throw new Error(`PUT: ${sent.status} ${await sent.text()}`);
  return file.id;
}
