import { createHash } from 'node:crypto';
import { TOKEN, type KillableServer } from './process.ts';

export const HEADERS = { Authorization: `Token ${TOKEN}`, 'Tus-Resumable': '1.0.0' };
const BYTES = { ...HEADERS, 'Content-Type': 'application/offset+octet-stream' };

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The URL of a new upload. */
export async function create(
  server: KillableServer,
  length: number,
  metadata: Record<string, string> = {},
): Promise<string> {
  const pairs = Object.entries(metadata).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`);
  const headers = { ...HEADERS, 'Upload-Length': String(length), 'Upload-Metadata': pairs.join(',') };
  const answer = await fetch(`${server.url}/api/upload`, { method: 'POST', headers });
  if (answer.status !== 201) throw new Error(`POST answered ${answer.status}: ${await answer.text()}`);
  return String(answer.headers.get('Location'));
}

/** A pack of these files, whose ids are their SHA-256 cut short. */
export function packOf(files: readonly Uint8Array[]): Buffer {
  const members = files.map((bytes) => ({ id: idIn(bytes), size: bytes.byteLength, sha256: sha256(bytes) }));
  return Buffer.concat([Buffer.from(`${JSON.stringify({ members })}\n`), ...files]);
}

const idIn = (bytes: Uint8Array) => sha256(bytes).slice(0, 32);

/** Has the file of a pack's member, at this server, exactly these bytes? */
export async function isMemberStored(server: KillableServer, bytes: Uint8Array): Promise<boolean> {
  const rows = await fetch(`${server.url}/api/file?id=${idIn(bytes)}`, { headers: HEADERS });
  const [file] = (await rows.json()) as { uploaded: boolean; url: string }[];
  if (file?.uploaded !== true) return false;
  const answer = await fetch(file.url);
  return answer.status === 200 && sha256(new Uint8Array(await answer.arrayBuffer())) === sha256(bytes);
}

/** Sends all from `offset` on; the status, or 0 when the connection broke. */
export async function patch(url: string, bytes: Uint8Array, offset = 0): Promise<number> {
  const headers = { ...BYTES, 'Upload-Offset': String(offset) };
  try {
    return (await fetch(url, { method: 'PATCH', headers, body: bytes.subarray(offset) as BodyInit })).status;
  } catch (error) {
    if (error instanceof TypeError) return 0;
    throw error;
  }
}

export async function offsetOf(url: string): Promise<number> {
  return Number((await fetch(url, { method: 'HEAD', headers: HEADERS })).headers.get('Upload-Offset'));
}

/** Does the upload's own URL, at this server, give exactly these bytes? */
export async function isStored(server: KillableServer, url: string, bytes: Uint8Array): Promise<boolean> {
  const answer = await fetch(new URL(new URL(url).pathname, server.url), { headers: HEADERS });
  return answer.status === 200 && sha256(new Uint8Array(await answer.arrayBuffer())) === sha256(bytes);
}
