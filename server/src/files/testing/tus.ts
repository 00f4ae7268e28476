import type { FilesServer } from './server.ts';

export type Headers = Record<string, string>;

/** A user's tus requests against a server, one method a verb. */
export interface TusCaller {
  request(method: string, path: string, headers?: Headers, body?: BodyInit): Promise<Response>;
  create(length: number | null, metadata?: Record<string, string>, more?: Headers, body?: BodyInit): Promise<Response>;
  /** Creates, and gives the URL of the upload. */
  made(length: number | null, metadata?: Record<string, string>, more?: Headers): Promise<string>;
  patch(url: string, offset: number, body: BodyInit, more?: Headers): Promise<Response>;
  head(url: string, more?: Headers): Promise<Response>;
  offset(url: string): Promise<number>;
}

export function tusCaller(server: FilesServer, user: string): TusCaller {
  const request: TusCaller['request'] = (method, path, headers = {}, body) =>
    server.as(user, path, {
      method,
      headers: { 'Tus-Resumable': '1.0.0', ...headers },
      ...(body !== undefined && { body }),
    });
  const create: TusCaller['create'] = (length, metadata, more = {}, body) =>
    request(
      'POST',
      '/api/upload',
      {
        ...(length === null ? { 'Upload-Defer-Length': '1' } : { 'Upload-Length': String(length) }),
        ...(metadata && { 'Upload-Metadata': metadataHeader(metadata) }),
        ...more,
      },
      body,
    );
  const head: TusCaller['head'] = (url, more) => request('HEAD', url, more);
  return {
    request,
    create,
    async made(length, metadata, more) {
      const answer = await create(length, metadata, more);
      if (answer.status !== 201) throw new Error(`POST answered ${answer.status}: ${await answer.text()}`);
      return String(answer.headers.get('Location'));
    },
    patch: (url, offset, body, more) =>
      request(
        'PATCH',
        url,
        { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(offset), ...more },
        body,
      ),
    head,
    offset: async (url) => Number((await head(url)).headers.get('Upload-Offset')),
  };
}

export function metadataHeader(metadata: Record<string, string>): string {
  return Object.entries(metadata)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',');
}

export function idOf(url: string): string {
  return url.slice(-32);
}
