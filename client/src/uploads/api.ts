import type { FileRow } from '@cambium/protocol';

import { failureOf, unreachable, UploadFailure } from './failure.ts';
import type { UploadRow } from '../database/uploads.ts';

/** The answer of POST /api/file/upload_url, as far as it is used here. */
export interface UploadTicket {
  /** Takes one PUT of the whole file. */
  url: string;
  content_type: string;
  file: FileRow;
  tus: { endpoint: string; metadata: Record<string, string> };
}

/** The few requests that an upload needs besides its bytes. */
export interface FileApi {
  ticket(upload: UploadRow): Promise<UploadTicket>;
  /** Creates a resumable upload and returns its URL. */
  create(upload: UploadRow, ticket: UploadTicket): Promise<string>;
  put(ticket: UploadTicket, bytes: Blob): Promise<void>;
  /** The file row as the server has it, or undefined. */
  file(id: string): Promise<FileRow | undefined>;
}

export function createFileApi(options: {
  server: string;
  token: () => string;
  fetch: typeof fetch;
  signal: AbortSignal;
}): FileApi {
  const { server, token, signal } = options;

  async function ask(url: string, init: RequestInit): Promise<{ response: Response; body: string }> {
    let response: Response;
    let body: string;
    try {
      response = await options.fetch(url, { ...init, signal });
      body = await response.text();
    } catch (cause) {
      throw unreachable(cause);
    }
    if (!response.ok) throw failureOf(response.status, body);
    return { response, body };
  }

  const authorization = () => ({ Authorization: `Token ${token()}` });

  return {
    async ticket(upload) {
      const { body } = await ask(`${server}/api/file/upload_url`, {
        method: 'POST',
        headers: { ...authorization(), 'Content-Type': 'application/json' },
        body: JSON.stringify({
          id: upload.id,
          size: upload.size,
          checksum: upload.md5,
          sha256: upload.sha256,
          name: upload.name,
          file_format: upload.file_format,
          preset: upload.preset,
          ...(upload.duration !== null && { duration: upload.duration }),
        }),
      });
      return JSON.parse(body) as UploadTicket;
    },

    async create(upload, ticket) {
      const { response } = await ask(ticket.tus.endpoint, {
        method: 'POST',
        headers: {
          ...authorization(),
          'Tus-Resumable': '1.0.0',
          'Upload-Length': String(upload.size),
          'Upload-Metadata': encodeMetadata(ticket.tus.metadata),
        },
      });
      const location = response.headers.get('Location');
      if (!location)
        throw new UploadFailure('retry', { code: 'internal_error', message: 'The server named no upload.' });
      return new URL(location, ticket.tus.endpoint).href;
    },

    async put(ticket, bytes) {
      await ask(ticket.url, {
        method: 'PUT',
        headers: { 'Content-Type': ticket.content_type },
        body: bytes,
      });
    },

    async file(id) {
      const { body } = await ask(`${server}/api/file?id=${id}`, { headers: authorization() });
      return (JSON.parse(body) as FileRow[])[0];
    },
  };
}

/** `Upload-Metadata`: pairs of a key and its value in Base64 of UTF-8. */
function encodeMetadata(metadata: Record<string, string>): string {
  const encode = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  return Object.entries(metadata)
    .map(([key, value]) => `${key} ${encode(value)}`)
    .join(',');
}
