import type { FileRow, Json } from '@cambium/protocol';

import { failureOf, unreachable } from './failure.ts';
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
  put(ticket: UploadTicket, bytes: Blob): Promise<void>;
  /** The ids of those whose bytes the server has already; they are `uploaded` now. */
  known(uploads: readonly UploadRow[]): Promise<string[]>;
  /** What became of each member. */
  packResults(url: string): Promise<{ members: { id: string; status: 'stored' | 'refused'; error?: Json }[] }>;
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
        body: JSON.stringify(announcement(upload)),
      });
      return JSON.parse(body) as UploadTicket;
    },

    async put(ticket, bytes) {
      await ask(ticket.url, {
        method: 'PUT',
        headers: { 'Content-Type': ticket.content_type },
        body: bytes,
      });
    },

    async known(uploads) {
      const { body } = await ask(`${server}/api/file/known`, {
        method: 'POST',
        headers: { ...authorization(), 'Content-Type': 'application/json' },
        body: JSON.stringify({ files: uploads.map(announcement) }),
      });
      return (JSON.parse(body) as { known: string[] }).known;
    },

    async packResults(url) {
      const { body } = await ask(url, { headers: authorization() });
      return JSON.parse(body) as Awaited<ReturnType<FileApi['packResults']>>;
    },

    async file(id) {
      const { body } = await ask(`${server}/api/file?id=${id}`, { headers: authorization() });
      return (JSON.parse(body) as FileRow[])[0];
    },
  };
}

/** What the server is told of a file before its bytes come. */
function announcement(upload: UploadRow): Record<string, string | number> {
  return {
    id: upload.id,
    size: upload.size,
    checksum: upload.md5,
    sha256: upload.sha256,
    name: upload.name,
    file_format: upload.file_format,
    preset: upload.preset,
    ...(upload.duration !== null && { duration: upload.duration }),
  };
}
