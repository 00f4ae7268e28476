import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Refusal } from '@cambium/protocol';
import express, { Router } from 'express';

/** Where the workspace of the editor builds its page, seen from `src` and `dist` alike. */
export const SITE = fileURLToPath(new URL('../../../client/editor/dist/site/', import.meta.url));

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Cambium</title>
<h1>The server runs, the editor page is not built</h1>
<p>Build it with <code>npm run build</code>, then load this page again. The API works without it: see <code>/health</code>.</p>
</html>
`;

const IMMUTABLE = /\/assets\//;

/**
 * The built editor. Files under `assets/` bear a hash in their name and may be kept for ever; everything else is asked
 * for again each time. Any other address that a browser opens gets the page itself, which knows its own routes.
 */
export function siteRoutes(publicUrl: string | null, folder: string = SITE): Router {
  const router = Router();
  const policy = contentPolicy(publicUrl);
  const setHeaders = (res: express.Response, path: string) => {
    res.setHeader('X-Content-Type-Options', 'nosniff');
    if (path.endsWith('.html')) res.setHeader('Content-Security-Policy', policy);
    res.setHeader('Cache-Control', IMMUTABLE.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
  };
  router.use(express.static(folder, { cacheControl: false, setHeaders }));
  router.use((req, res, next) => {
    if ((req.method !== 'GET' && req.method !== 'HEAD') || !req.accepts('html')) {
      next(new Refusal(req.method === 'GET' || req.method === 'HEAD' ? 'not_found' : 'method_not_allowed'));
      return;
    }
    const page = new URL('index.html', `file://${folder}`).pathname;
    if (/\.\w+$/.test(req.path)) next(new Refusal('not_found'));
    else if (!existsSync(page)) res.setHeader('Cache-Control', 'no-store').status(200).type('html').send(NOT_BUILT);
    else {
      setHeaders(res, page);
      res.sendFile('index.html', { root: folder, cacheControl: false });
    }
  });
  return router;
}

/** The page holds a token: nothing but its own scripts may run in it, and nobody may frame it. */
function contentPolicy(publicUrl: string | null): string {
  const self = publicUrl === null ? `'self'` : `'self' ${new URL(publicUrl).origin}`;
  return [
    `default-src 'self'`,
    `script-src 'self' 'wasm-unsafe-eval'`,
    `worker-src 'self' blob:`,
    `style-src 'self' 'unsafe-inline'`,
    `img-src ${self} data: blob:`,
    `media-src ${self} blob:`,
    `connect-src ${self}`,
    `frame-src ${self}`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ');
}
