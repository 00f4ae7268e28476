import type { Request, Response } from 'express';
import type { DialectDeps } from '../deps.ts';
import { selectStored, type Stored } from '../stored.ts';
import type { HashFinder } from '../xxh3.ts';
import { Detail, notFound } from './errors.ts';
import { readName } from './item.ts';

const IMMUTABLE = 'public, immutable, max-age=31536000';

/** Reading needs no token: a file's id is what one has to know, as in ClassQuiz. */
export function downloads(
  { readDb, intake }: DialectDeps,
  hashes: HashFinder,
  fail: (error: unknown, res: Response) => void,
) {
  async function find(req: Request, badName: number): Promise<Stored> {
    const name = readName(String(req.params['name']));
    if (name === null) throw new Detail(badName, 'Invalid file name');
    const file = await selectStored(readDb).where('f.id', '=', name.file).executeTakeFirst();
    if (!file || (name.owner !== null && name.owner !== file.owner_id)) throw notFound();
    return file;
  }

  function describe(res: Response, file: Stored): void {
    if (file.xxh3 === null) hashes.want(file.sha256);
    else res.setHeader('X-Hash', file.xxh3);
    if (file.thumbhash !== null) res.setHeader('X-Thumbhash', file.thumbhash);
    if (file.alt_text !== null) res.setHeader('X-Alt-Text', Buffer.from(file.alt_text).toString('base64'));
    if (file.file_size) res.setHeader('Content-Size', String(file.file_size));
  }

  return {
    /** GET and HEAD. */
    async download(req: Request, res: Response): Promise<void> {
      const file = await find(req, req.method === 'HEAD' ? 404 : 400);
      describe(res, file);
      const { sha256, mime_type: mimeType, shown_name, original_filename } = file;
      const name = shown_name ?? original_filename;
      intake.serve(req, res, { sha256, mimeType, name, cacheControl: IMMUTABLE, fail });
    },

    async info(req: Request, res: Response): Promise<void> {
      const file = await find(req, 404);
      describe(res, file);
      res.setHeader('Content-Type', file.mime_type);
      res.setHeader('X-Content-Type-Options', 'nosniff');
      res.setHeader('Content-Length', '0');
      res.end();
    },
  };
}
