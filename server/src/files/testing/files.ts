import { createHash, randomBytes } from 'node:crypto';
import type { FileRow, JsonObject } from '@cambium/protocol';
import type { FilesServer } from './server.ts';

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function newId(): string {
  return randomBytes(16).toString('hex');
}

/** The body of `upload_url` for a PDF with these bytes. */
export function announcement(bytes: Uint8Array, more: JsonObject = {}): JsonObject {
  return {
    size: bytes.byteLength,
    checksum: md5(bytes),
    name: 'a.pdf',
    file_format: 'pdf',
    preset: 'document',
    ...more,
  };
}

export interface UploadUrl {
  url: string;
  content_type: string;
  expires_at: string;
  might_skip: boolean;
  file: FileRow;
  tus: { endpoint: string; metadata: Record<string, string> };
}

export async function uploadUrl(server: FilesServer, user: string, body: JsonObject): Promise<UploadUrl> {
  const answer = await postUploadUrl(server, user, body);
  if (answer.status !== 201) throw new Error(`upload_url answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as UploadUrl;
}

export function postUploadUrl(server: FilesServer, user: string, body: JsonObject): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return server.as(user, '/api/file/upload_url', { method: 'POST', headers, body: JSON.stringify(body) });
}

export function put({ url, content_type }: UploadUrl, bytes: Uint8Array, type = content_type): Promise<Response> {
  return fetch(url, { method: 'PUT', headers: { 'Content-Type': type }, body: bytes as BodyInit });
}

/** Announces and sends the bytes; the file as it then stands. */
export async function upload(
  server: FilesServer,
  user: string,
  bytes: Uint8Array,
  more: JsonObject = {},
): Promise<FileRow> {
  const granted = await uploadUrl(server, user, announcement(bytes, more));
  const answer = await put(granted, bytes);
  if (answer.status !== 200) throw new Error(`PUT answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { file: FileRow }).file;
}

export async function code(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error: { code: string; field?: string } };
  return `${answer.status} ${error.code}${error.field === undefined ? '' : ` ${error.field}`}`;
}
