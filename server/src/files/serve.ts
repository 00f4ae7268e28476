import { Refusal } from '@cambium/protocol';
import type { Request, Response } from 'express';
import send from 'send';

export interface Served {
  /** Folder and path below it. */
  root: string;
  path: string;
  sha256: string | null;
  /** Tells apart what is made of the same content. */
  variant?: string;
  mimeType: string;
  /** As the sender called the file. */
  name: string;
  cacheControl: string;
}

/** Types that a browser shows without running anything of them; everything else is saved, and sandboxed if opened. */
const PASSIVE = /^(?:image\/(?!svg)|audio\/|video\/|application\/pdf$|text\/(?:vtt|plain)$)/;

/** Answers GET and HEAD with the bytes of a file, ranges and conditions included. */
export function serve(req: Request, res: Response, file: Served, fail: (error: unknown, res: Response) => void): void {
  const isPassive = PASSIVE.test(file.mimeType);
  // Express knows the quoting of names in every script, and only as an attachment.
  res.attachment(file.name === '' ? 'file' : file.name);
  const disposition = String(res.getHeader('Content-Disposition'));
  if (isPassive) res.setHeader('Content-Disposition', disposition.replace(/^attachment/, 'inline'));
  else
    res.setHeader('Content-Security-Policy', "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:");
  res.setHeader('Content-Type', file.mimeType);
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('Cache-Control', file.cacheControl);
  if (file.sha256 !== null) res.setHeader('ETag', `"${[file.sha256, file.variant].filter(Boolean).join('-')}"`);
  // A condition that holds is true however fresh an answer the sender wants: its ETag is the content's hash.
  delete req.headers['cache-control'];
  send(req, file.path, { root: file.root, etag: false, cacheControl: false, dotfiles: 'allow' })
    .on('error', (error: NodeJS.ErrnoException & { status?: number }) => {
      if (error.status === 416 || error.status === 412) {
        res.status(error.status).end();
        return;
      }
      for (const name of ['Cache-Control', 'ETag', 'Content-Disposition', 'Content-Security-Policy'])
        res.removeHeader(name);
      fail(error.status === 404 ? new Refusal('not_found') : error, res);
    })
    .pipe(res);
}
