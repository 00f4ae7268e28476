import type { Request, Response, Router } from 'express';
import { hearOut } from '../../files/index.ts';
import { Detail } from './errors.ts';

export type Handle = (req: Request, res: Response) => Promise<void>;
export type Fail = (error: unknown, res: Response) => void;

/** Gives an address its methods; every other method is refused, and whatever is thrown is answered. */
export function addRoute(
  router: Router,
  fail: Fail,
  path: string,
  handlers: Partial<Record<'get' | 'head' | 'post' | 'put' | 'delete', Handle>>,
): void {
  const address = router.route(path);
  for (const [method, handle] of Object.entries(handlers)) {
    address[method as keyof typeof handlers]((req, res) => {
      hearOut(req, res);
      handle(req, res).catch((error: unknown) => fail(error, res));
    });
  }
  const allowed = Object.keys(handlers).map((method) => method.toUpperCase());
  address.all((_req, res) => {
    res.setHeader('Allow', allowed.join(', '));
    fail(new Detail(405, 'Method Not Allowed'), res);
  });
}

/** What no address of the router is, in ClassQuiz's words. */
export function endRoutes(router: Router, fail: Fail): void {
  router.use((_req, res) => fail(new Detail(404, 'Not Found'), res));
  router.use((error: unknown, _req: Request, res: Response, _next: unknown) => {
    // An escape that is none; any other fault is one of this server.
    fail(error instanceof URIError ? new Detail(400, 'Invalid file name') : error, res);
  });
}
