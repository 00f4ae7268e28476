import { createHash } from 'node:crypto';
import type { Id, JsonObject } from '@cambium/protocol';
import { freshId, type Api } from './harness.ts';

export const BYTES = new TextEncoder().encode('%PDF-1.4 some bytes');

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** An item of an exercise that a learner can answer. */
export function item(channel: Id, node: unknown, key = freshId()): JsonObject {
  const obj = {
    contentnode: node as Id,
    type: 'single_selection',
    question: 'Which?',
    answers: [{ answer: 'a', correct: true }],
  };
  return { type: 'CREATED', table: 'assessmentitem', key, channel_id: channel, obj };
}

/** What tests of nodes ask over and over; each throws when it is refused. `api`: whoever asks, once the server runs. */
export function nodeCalls(api: () => Api) {
  async function made(fields: JsonObject): Promise<JsonObject> {
    const reply = await api().post('/api/contentnode', fields);
    if (reply.status !== 201) throw new Error(reply.text);
    return reply.json;
  }

  async function node(id: unknown): Promise<JsonObject> {
    return (await api().get(`/api/contentnode/${id as string}`)).json;
  }

  async function patched(id: unknown, fields: JsonObject): Promise<JsonObject> {
    const reply = await api().call('PATCH', `/api/contentnode/${id as string}`, fields);
    if (reply.status !== 200) throw new Error(reply.text);
    return reply.json;
  }

  async function upload(fields: JsonObject = {}, bytes = BYTES): Promise<JsonObject> {
    const body = {
      size: bytes.byteLength,
      checksum: md5(bytes),
      name: 'a.pdf',
      file_format: 'pdf',
      preset: 'document',
      ...fields,
    };
    const announced = await api().post('/api/file/upload_url', body);
    if (announced.status !== 201) throw new Error(announced.text);
    const { url, content_type, file } = announced.json as { url: string; content_type: string; file: JsonObject };
    const put = await fetch(url, { method: 'PUT', headers: { 'content-type': content_type }, body: bytes as BodyInit });
    if (put.status !== 200) throw new Error(await put.text());
    return file;
  }

  async function attach(file: unknown, owner: Id | null): Promise<JsonObject> {
    const reply = await api().call('PATCH', `/api/file/${file as string}`, { contentnode: owner });
    if (reply.status !== 200) throw new Error(reply.text);
    return reply.json;
  }

  return { made, node, patched, upload, attach };
}
