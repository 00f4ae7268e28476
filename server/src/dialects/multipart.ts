import { Readable, Transform } from 'node:stream';
import busboy from 'busboy';
import type { Request } from 'express';
import { PartHeads, type PartHead } from './part-heads.ts';

/** A part that is a file. */
export interface FilePart {
  name: string;
  /** As sent, without folders; null when the part has none. Empty: a form was sent in which no file was chosen. */
  filename: string | null;
  /** The part's `Content-Type` exactly as it was sent; null when it had none. */
  type: string | null;
  /** Has to be read to its end, or the rest of the form never comes. */
  bytes: Readable;
}

export interface FormReader {
  file(part: FilePart): Promise<void>;
  field?(name: string, value: string): void;
}

/** The body is no form, or breaks off in the middle of one. */
export class BrokenForm extends Error {
  override readonly name = 'BrokenForm';
}

const LIMITS = { fieldSize: 1_048_576, fields: 100, files: 20, parts: 120, fieldNameSize: 200 };

/**
 * Reads a `multipart/form-data` body part by part, no faster than its files are taken. Throws a `BrokenForm`, or what
 * the reader threw: then the rest of the body is left unread.
 */
export async function readForm(req: Request, reader: FormReader): Promise<void> {
  const heads = new PartHeads(req.headers['content-type'] ?? '');
  const form = openForm(req);
  const tap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      heads.push(chunk);
      done(null, chunk);
    },
  });
  const files: Promise<void>[] = [];
  await new Promise<void>((resolve, reject) => {
    const end = (error: Error) => {
      req.unpipe(tap);
      tap.destroy();
      form.destroy(error);
      reject(error);
    };
    const hand = ({ name, type, isNamed }: PartHead, filename: string | undefined, bytes: Readable) => {
      const part = { name, filename: cleanName(filename ?? (isNamed ? '' : undefined)), type, bytes };
      const read = reader.file(part).then(() => void bytes.resume());
      read.catch(end);
      files.push(read);
    };
    form.on('file', (name, bytes, { filename }) => {
      // A stream that breaks fails its reader; nobody else may be told by an unheard event.
      bytes.on('error', () => undefined);
      hand(heads.next(name), filename, bytes);
    });
    form.on('field', (name, value) => {
      // A file without a name may come as a field: none was chosen, and nothing in it counts.
      const head = heads.next(name);
      if (head.isNamed) hand(head, '', Readable.from([]));
      else reader.field?.(name, value);
    });
    // What comes beyond a limit would be read and counted for nothing, for as long as somebody sends.
    for (const limit of ['fieldsLimit', 'filesLimit', 'partsLimit'] as const)
      form.on(limit, () => end(new BrokenForm('the form has too many parts')));
    form.on('error', (error) => end(error instanceof BrokenForm ? error : new BrokenForm(String(error))));
    form.on('close', resolve);
    req.on('aborted', () => end(new BrokenForm('the form was not sent to its end')));
    req.on('error', () => end(new BrokenForm('the form was not sent to its end')));
    req.pipe(tap).pipe(form);
  }).catch(async (error: unknown) => {
    await Promise.allSettled(files);
    throw error;
  });
  await Promise.all(files);
}

/** Folders are cut off by the form reader; what no name may hold goes too. */
function cleanName(filename: string | undefined): string | null {
  return filename === undefined ? null : filename.replace(/[\p{Cc}\p{Cs}]/gu, '').replace(/^.*[\\/]/s, '');
}

function openForm(req: Request): busboy.Busboy {
  if (!/^multipart\/form-data\s*;/i.test(req.headers['content-type'] ?? '')) throw new BrokenForm('no form');
  try {
    return busboy({ headers: req.headers, defParamCharset: 'utf8', limits: LIMITS });
  } catch (error) {
    throw new BrokenForm(error instanceof Error ? error.message : String(error));
  }
}
