import { isFormat } from '@cambium/protocol';
import { watchIdle, type Landed } from '../../files/index.ts';
import type { User } from '../../writer/writer.ts';
import type { DialectDeps } from '../deps.ts';
import { BrokenForm, readForm } from '../multipart.ts';
import { roomOf } from '../room.ts';
import { asInteger, asObject, type Call } from './call.ts';
import { ApiError, denied, invalidKey } from './errors.ts';
import { extensionOf, objections } from './extension.ts';
import { readOrder } from './order.ts';
import { mayEdit } from './rights.ts';
import { readTexts } from './text.ts';

/** Milliseconds that the answer waits until it is known whether the file is a picture. */
const LOOK = 10_000;
const MAX_NAME = 255;

const notOne = () => new ApiError(400, 'Invalid request. Exactly one file must be uploaded per request.');
const badItem = () => new ApiError(400, 'Invalid item. File must belong to an existing item.');

/** What the form brought. `landed` is null when nobody was known who could keep the bytes. */
interface Form {
  files: number;
  name: string;
  landed: Landed | null;
  data: string | null;
  user: User | null;
}

/** `POST /api/files`: the part `file`, described by the JSON in the part `data`. Gives the new file's number. */
export async function ingest(deps: DialectDeps, call: Call): Promise<{ id: number; user: User }> {
  const { intake } = deps;
  const form = await receive(deps, call);
  try {
    return await judge(deps, form);
  } finally {
    if (form.landed) await intake.drop(form.landed);
  }
}

async function receive(deps: DialectDeps, { req, user }: Call): Promise<Form> {
  const form: Form = { files: 0, name: '', landed: null, data: null, user };
  let key: string | null = null;
  // The key may be a field of the form, but has to come before the file: nobody's bytes are not stored.
  const sender = async () => {
    if (key !== null && key !== '') form.user = await deps.holder(key);
    if (key !== null && key !== '' && !form.user) throw invalidKey();
    return form.user;
  };
  watchIdle(req, deps.timers);
  try {
    await readForm(req, {
      field(name, value) {
        if (name === 'data') form.data = value;
        if (name === 'key') key = value;
      },
      async file({ name, filename, bytes }) {
        if (filename === null) return;
        form.files += 1;
        if (name !== 'file' || form.files > 1) throw notOne();
        form.name = filename.slice(-MAX_NAME);
        const owner = await sender();
        if (owner && filename !== '') form.landed = await deps.intake.land(bytes, await roomOf(deps, owner));
      },
    });
    await sender();
    return form;
  } catch (error) {
    if (form.landed) await deps.intake.drop(form.landed);
    throw error instanceof BrokenForm ? notOne() : error;
  }
}

async function judge(
  deps: DialectDeps,
  { files, name, landed, data, user }: Form,
): Promise<{ id: number; user: User }> {
  const { readDb, intake, command, clock, media } = deps;
  if (files !== 1) throw notOne();
  if (data === null || data === '') throw new ApiError(400, 'Invalid request. Missing JSON data.');
  const body = asObject(data);
  const item = await findItem(deps, user, body['item']);
  if (!user || !mayEdit(user, item.owner)) throw denied();
  if (name === '') throw new ApiError(500, "File 'file' was not uploaded");
  if (!landed) throw new ApiError(400, 'Invalid request. The key must come before the file.');
  // What nobody can recognize is not on the list of types.
  const recognized = (await media.recognize(landed.path)) ?? { mime: 'application/octet-stream', type_os: 'data' };
  const reasons = objections(name, recognized.mime);
  if (reasons.length > 0) throw new ApiError(500, reasons.join('\n\n'));
  const texts = readTexts(body['element_texts']);
  const order = readOrder(body['order']);

  const extension = extensionOf(name).toLowerCase();
  const format = {
    original_filename: name,
    mime_type: recognized.mime,
    file_format: isFormat(extension) ? extension : '',
  };
  const file = await intake.keep(user, landed, format);
  const now = new Date(clock.now()).toISOString();
  await command('omeka.file.edit', { file, item: item.id, now, order: order ?? null, ...(texts && { texts }) });
  const { sha256 } = landed.digest;
  await command('facts.content', { sha256, ...recognized });
  const facts = await media.of(sha256, LOOK);
  if (facts?.kind === 'image') makePictures(deps, sha256);
  const { number } = await readDb
    .selectFrom('file_facts')
    .select('number')
    .where('file', '=', file)
    .executeTakeFirstOrThrow();
  return { id: number, user };
}

/** Beside the request: whoever asks for one earlier waits for the same work. */
function makePictures({ media, log }: DialectDeps, sha256: string): void {
  for (const size of ['fullsize', 'thumbnail', 'square_thumbnail'] as const) {
    media
      .derivative(sha256, size)
      .catch((error: unknown) => log.warn({ err: error, sha256 }, 'a picture could not be made'));
  }
}

async function findItem({ readDb }: DialectDeps, user: User | null, value: unknown) {
  const id =
    typeof value === 'object' && value !== null ? asInteger((value as Record<string, unknown>)['id']) : undefined;
  if (id === undefined) throw badItem();
  const item = await readDb
    .selectFrom('omeka_item')
    .select(['id', 'owner', 'public'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!item || (item.public === 0 && !user)) throw badItem();
  return item;
}
