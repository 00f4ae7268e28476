import express, { type Request, type Response, type Router } from 'express';
import { hearOut } from '../../files/index.ts';
import type { DialectDeps } from '../deps.ts';
import { isGone } from '../gone.ts';
import { send, type Call, type Resource } from './call.ts';
import { elements, elementSets, site } from './constant.ts';
import type { ContentFinder } from './content.ts';
import { ApiError, invalidKey, noSuchAction, toApiError } from './errors.ts';
import { filesResource } from './files.ts';
import { itemsResource } from './items.ts';
import { pictures } from './pictures.ts';

const EVERYWHERE = ['key', 'callback', 'pretty_print'];
const INDEX = ['page', 'per_page', 'sort_field', 'sort_dir'];
const ACTIONS = ['index', 'get', 'post', 'put', 'delete'] as const;

/** Omeka Classic's API: see docs/dialects/omeka.md. */
export function omekaRouter(deps: DialectDeps, contents: ContentFinder): { router: Router; fallback: Router } {
  const { holder, publicBase, log } = deps;
  const resources = new Map<string, Resource>([
    ['files', filesResource(deps, contents)],
    ['items', itemsResource(deps)],
    ['element_sets', elementSets],
    ['elements', elements],
    ['site', site],
  ]);
  resources.set('resources', listOf(resources));

  async function answer(req: Request, res: Response): Promise<void> {
    const query = new URL(req.originalUrl, 'http://host').searchParams;
    const key = query.get('key') ?? '';
    const user = key === '' ? null : await holder(key);
    if (key !== '' && !user) throw invalidKey();
    const [, name = '', rest] = /^\/api\/([^/]*)(?:\/(.*))?$/.exec(req.path) ?? [];
    const resource = resources.get(name);
    if (!resource) throw new ApiError(404, `The "${name}" resource is unavailable.`);
    const id = rest === undefined || rest === '' ? null : Number.parseInt(rest, 10) || 0;
    const action = actionOf(resource, methodOf(req), id);
    checkQuery(query, action === 'index' ? [...EVERYWHERE, ...INDEX, ...resource.filters] : EVERYWHERE);
    const call: Call = { req, res, user, id, base: publicBase(req), query };
    await resource[action]?.(call);
  }

  const guarded = (req: Request, res: Response): void => {
    hearOut(req, res);
    answer(req, res).catch((error: unknown) => {
      const known = toApiError(error);
      if (!known && !isGone(res)) log.error({ request: res.locals['requestId'], err: error }, 'request failed');
      if (res.headersSent) res.destroy();
      else sendError(res, known ?? new ApiError(500, 'An unexpected error occurred.'));
    });
  };

  const router = express.Router();
  // Nothing in these addresses is decoded: a broken escape is only another record that is not there.
  router.all(new RegExp(`^/api/(?:${[...resources.keys()].join('|')})(?:/|$)`), guarded);
  router.all(/^\/files(?:\/|$)/, pictures(deps));
  const fallback = express.Router();
  fallback.use('/api', (req, res, next) => {
    if (!/[?&]key=/.test(req.originalUrl)) next();
    else guardedAt(req, res);
  });
  const guardedAt = (req: Request, res: Response) => {
    // Below a mount the path lacks what the resource is read from.
    req.url = req.originalUrl;
    guarded(req, res);
  };
  return { router, fallback };
}

function sendError(res: Response, { status, message }: ApiError): void {
  send({ res, query: new URLSearchParams() }, status, { message });
}

function methodOf(req: Request): string {
  const override = req.headers['x-http-method-override'];
  return (typeof override === 'string' ? override : req.method).toUpperCase();
}

function actionOf(resource: Resource, method: string, id: number | null): (typeof ACTIONS)[number] {
  if (method === 'POST' && id !== null) throw new ApiError(405, 'POST requests must not include an ID.');
  if ((method === 'PUT' || method === 'DELETE') && id === null)
    throw new ApiError(405, 'PUT and DELETE requests must include an ID.');
  const wanted = method === 'GET' ? (id === null ? 'index' : 'get') : method.toLowerCase();
  const action = ACTIONS.find((each) => each === wanted && resource[each]);
  if (!action) throw noSuchAction(wanted);
  return action;
}

function checkQuery(query: URLSearchParams, allowed: readonly string[]): void {
  for (const name of query.keys()) {
    if (!allowed.includes(name)) throw new ApiError(400, `Invalid GET request parameter: "${name}"`);
  }
  const callback = query.get('callback');
  // It is run as it stands by whoever loads the answer as a script.
  if (callback !== null && !/^[\w$.[\]]{1,128}$/.test(callback))
    throw new ApiError(400, 'Invalid GET request parameter: "callback"');
}

/** What there is, and what can be done with it. */
function listOf(resources: ReadonlyMap<string, Resource>): Resource {
  return {
    filters: [],
    async index(call) {
      const shown = [...resources].map(([name, resource]) => [
        name,
        {
          controller: name.replaceAll('_', '-'),
          actions: ACTIONS.filter((action) => resource[action]),
          ...(resource.filters.length > 0 && { index_params: resource.filters }),
          url: `${call.base}/api/${name}`,
        },
      ]);
      send(call, 200, Object.fromEntries(shown));
    },
  };
}
