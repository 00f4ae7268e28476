import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { newId, Refusal, type ChangeResult, type FileRow, type Id, type ProtocolError } from '@cambium/protocol';
import { Failure } from '../fail.ts';
import { persist } from '../patience.ts';
import type { Target } from '../target.ts';
import type { Draft } from './changes.ts';

/** Changes and bytes of one batch, well below what the server takes. */
const BATCH = 500;
const BATCH_BYTES = 4_194_304;

/** Sends changes as one client: in batches, in order, each until it is answered. */
export class Sender {
  readonly #target: Target;
  readonly #clientId = newId(Date.now(), (length) => randomBytes(length));
  #rev = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Throws `Failure` at the first refusal. */
  async sendAll(channel: Id, drafts: Iterable<Draft>): Promise<void> {
    let batch: Draft[] = [];
    let bytes = 0;
    for (const draft of drafts) {
      const size = JSON.stringify(draft).length;
      if (batch.length === BATCH || bytes + size > BATCH_BYTES) {
        await this.#must(channel, batch);
        [batch, bytes] = [[], 0];
      }
      batch.push(draft);
      bytes += size;
    }
    if (batch.length > 0) await this.#must(channel, batch);
  }

  /** What became of each change. */
  async send(channel: Id, drafts: readonly Draft[]): Promise<ChangeResult[]> {
    const changes = drafts.map((draft) => ({ rev: (this.#rev += 1), channel_id: channel, ...draft }));
    const body = JSON.stringify({ client_id: this.#clientId, protocol: 1, changes });
    // Sent again after a cut it is answered the same and done once.
    const answer = await persist(() => post(this.#target, '/api/sync', body));
    return ((await answer.json()) as { results: ChangeResult[] }).results;
  }

  async #must(channel: Id, drafts: readonly Draft[]): Promise<void> {
    const results = await this.send(channel, drafts);
    for (const [index, draft] of drafts.entries()) {
      const result = results[index];
      if (result?.status === 'applied') continue;
      const reason = result && 'errors' in result ? result.errors[0]?.message : 'it was not answered';
      throw new Failure(`the server refused ${draft.table} ${JSON.stringify(draft.key)}: ${reason}`);
    }
  }
}

async function post({ server, token }: Target, path: string, body: string): Promise<Response> {
  const headers = { authorization: `Token ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(server + path, { method: 'POST', headers, body });
  if (answer.ok) return answer;
  throw await refusalOf(answer);
}

async function refusalOf(answer: Response): Promise<Error> {
  const text = await answer.text();
  if (!answer.headers.get('content-type')?.startsWith('application/json')) {
    return new Failure(`the server answers HTTP ${answer.status}: ${text.slice(0, 200)}`);
  }
  const { code, ...more } = (JSON.parse(text) as { error: ProtocolError }).error;
  return new Refusal(code, more);
}

/** Sends the bytes of an announced file in one request; a connection that breaks begins anew. */
export async function sendBytes({ server, token }: Target, file: FileRow, path: string): Promise<void> {
  const metadata: Record<string, string> = {
    id: file.id,
    filename: file.original_filename,
    filetype: file.mime_type,
    checksum: file.checksum,
    ...(file.sha256 === null ? {} : { sha256: file.sha256 }),
    ...(file.preset === null ? {} : { preset: file.preset }),
    ...(file.duration === null ? {} : { duration: String(file.duration) }),
  };
  const encoded = Object.entries(metadata).map(([name, text]) => `${name} ${Buffer.from(text).toString('base64')}`);
  await persist(async () => {
    const answer = await fetch(`${server}/api/upload`, {
      method: 'POST',
      headers: {
        authorization: `Token ${token}`,
        'tus-resumable': '1.0.0',
        'upload-length': String(file.file_size),
        'upload-metadata': encoded.join(','),
        'content-type': 'application/offset+octet-stream',
      },
      body: Readable.toWeb(createReadStream(path)) as ReadableStream,
      duplex: 'half',
    } as RequestInit);
    // An attempt before may have arrived whole although its answer did not.
    if (!answer.ok && answer.status !== 409) throw await uploadError(answer, file);
    await answer.arrayBuffer();
  });
}

async function uploadError(answer: Response, file: FileRow): Promise<Error> {
  const { error } = (await answer.json()) as { error: { message: string } };
  return new Failure(`the server refused the bytes of ${file.original_filename}: ${error.message}`);
}
