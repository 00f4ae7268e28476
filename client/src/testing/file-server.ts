import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Stored {
  size: number;
  checksum: string;
  sha256: string;
  uploaded: boolean;
  bytes: Buffer;
}

interface Announced {
  id: string;
  size: number;
  checksum: string;
  sha256: string;
}

interface Pack {
  size: number;
  bytes: Buffer;
  members: { id: string; status: 'stored' | 'refused'; error?: object }[];
}

/** What a test may make go wrong: answers a request instead of the server, and says so by true. */
type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

/** The smallest server that an upload can talk to: tickets, one PUT, tus' HEAD, POST and PATCH, packs, and file rows. */
export class FileServer {
  readonly files = new Map<string, Stored>();
  readonly packs = new Map<string, Pack>();
  /** The file of each upload. */
  readonly uploads = new Map<string, string>();
  readonly requests: string[] = [];
  /** Members of packs that are refused. */
  refuses: (id: string) => boolean = () => false;
  fault: Fault = () => false;
  /** Does the last answer of an upload say what was stored? */
  tellsDigest = true;
  token = 'good';
  url = '';
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    request.method = request.headers['x-http-method-override']?.toString() ?? request.method ?? 'GET';
    this.requests.push(`${request.method} ${url.pathname.replace(/[0-9a-f]{32}/, 'ID')}`);
    if (this.fault(request, response)) return;
    if (request.headers.authorization !== `Token ${this.token}` && request.method !== 'PUT') {
      return json(response, 401, { error: { code: 'unauthenticated', message: 'no' } });
    }
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // The client hung up: what came of a PATCH is thrown away here.
    }
    const body = Buffer.concat(chunks);
    const id = url.pathname.split('/').at(-1) ?? '';
    if (url.pathname === '/api/file/upload_url') return this.#ticket(JSON.parse(body.toString()), response);
    if (url.pathname === '/api/file/known') return this.#known(JSON.parse(body.toString()), response);
    if (url.pathname === '/api/file') return this.#row(url.searchParams.get('id') ?? '', response);
    const pack = this.packs.get(id);
    if (pack) return this.#goOn(pack, request, body, response);
    if (request.method === 'POST') return this.#create(metadataOf(request), request, body, response);
    const file = this.files.get(this.uploads.get(id) ?? id);
    if (!file) return json(response, 404, { error: { code: 'not_found', message: 'gone' } });
    if (request.method === 'DELETE') {
      this.uploads.delete(id);
      return void response.writeHead(204, { 'Tus-Resumable': '1.0.0' }).end();
    }
    if (request.method === 'HEAD') {
      const headers = { 'Upload-Offset': file.bytes.length, 'Upload-Length': file.size, 'Tus-Resumable': '1.0.0' };
      return void response.writeHead(200, headers).end();
    }
    this.#take(file, request.method === 'PUT' ? 200 : 204, body, response);
  }

  #create(metadata: Map<string, string>, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const id = metadata.get('upload_id') ?? metadata.get('id') ?? '';
    response.setHeader('Location', `/api/upload/${id}`);
    if (metadata.get('filetype') === 'application/vnd.cambium.pack') {
      const made = { size: Number(request.headers['upload-length']), bytes: body, members: [] };
      this.packs.set(id, made);
      return this.#unpack(made, response, 201);
    }
    const file = this.files.get(metadata.get('id') ?? '');
    if (!file) return json(response, 404, { error: { code: 'not_found', message: 'never announced' } });
    this.uploads.set(id, metadata.get('id') ?? '');
    this.#take(file, 201, body, response);
  }

  #take(file: Stored, status: number, body: Buffer, response: ServerResponse): void {
    file.bytes = status === 200 ? body : Buffer.concat([file.bytes, body]);
    if (file.bytes.length === file.size) {
      file.uploaded = createHash('md5').update(file.bytes).digest('hex') === file.checksum;
      if (!file.uploaded) {
        file.bytes = Buffer.alloc(0);
        return json(response, 460, { error: { code: 'checksum_mismatch', message: 'wrong bytes' } });
      }
    }
    if (file.uploaded && this.tellsDigest)
      response.setHeader('Repr-Digest', `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`);
    response.writeHead(status, { 'Upload-Offset': file.bytes.length, 'Tus-Resumable': '1.0.0' }).end();
  }

  #known({ files }: { files: { id: string; sha256: string }[] }, response: ServerResponse): void {
    const stored = [...this.files.values()].filter(({ uploaded }) => uploaded);
    const known = files.filter(({ sha256 }) => stored.some((file) => file.sha256 === sha256));
    json(response, 200, { known: known.map(({ id }) => id) });
  }

  #goOn(pack: Pack, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    if (request.method === 'GET') return json(response, 200, { members: pack.members });
    if (request.method === 'DELETE') {
      for (const [id, one] of this.packs) if (one === pack) this.packs.delete(id);
      return void response.writeHead(204, { 'Tus-Resumable': '1.0.0' }).end();
    }
    if (request.method === 'PATCH') pack.bytes = Buffer.concat([pack.bytes, body]);
    if (request.method === 'PATCH') return this.#unpack(pack, response, 204);
    const headers = { 'Upload-Offset': pack.bytes.length, 'Upload-Length': pack.size, 'Tus-Resumable': '1.0.0' };
    response.writeHead(200, headers).end();
  }

  #unpack(pack: Pack, response: ServerResponse, status: number): void {
    const headers: Record<string, string | number> = { 'Upload-Offset': pack.bytes.length, 'Tus-Resumable': '1.0.0' };
    if (pack.bytes.length === pack.size) {
      let at = pack.bytes.indexOf('\n') + 1;
      const { members } = JSON.parse(pack.bytes.toString('utf8', 0, at)) as { members: Announced[] };
      for (const member of members) {
        const bytes = pack.bytes.subarray(at, (at += member.size));
        const isRight = createHash('sha256').update(bytes).digest('hex') === member.sha256;
        if (isRight && !this.refuses(member.id)) {
          this.files.set(member.id, { ...member, uploaded: true, bytes });
          pack.members.push({ id: member.id, status: 'stored' });
        } else pack.members.push({ id: member.id, status: 'refused', error: { code: 'invalid_value', message: 'no' } });
      }
      headers['Cambium-Pack-Refused'] = pack.members.filter(({ status: became }) => became === 'refused').length;
    }
    response.writeHead(status, headers).end();
  }

  #ticket(asked: Announced, response: ServerResponse): void {
    const known = this.files.get(asked.id) ?? { ...asked, uploaded: false, bytes: Buffer.alloc(0) };
    this.files.set(asked.id, known);
    json(response, 201, {
      url: `${this.url}/upload/${asked.id}`,
      content_type: 'application/pdf',
      file: { id: asked.id, uploaded: known.uploaded },
      tus: { endpoint: `${this.url}/api/upload`, metadata: { id: asked.id, filename: 'Überblick.pdf' } },
    });
  }

  #row(id: string, response: ServerResponse): void {
    const file = this.files.get(id);
    json(response, 200, file ? [{ id, checksum: file.checksum, sha256: file.sha256, uploaded: file.uploaded }] : []);
  }
}

export function metadataOf(request: IncomingMessage): Map<string, string> {
  const pairs = String(request.headers['upload-metadata']).split(',');
  return new Map(
    pairs.map((pair) => {
      const [key = '', value = ''] = pair.split(' ');
      return [key, Buffer.from(value, 'base64').toString()];
    }),
  );
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
