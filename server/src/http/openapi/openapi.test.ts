import { Server } from 'node:http';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test, vi } from 'vitest';
import { freshId, startTestServer } from '../testing/harness.ts';
import { openApiDocument } from './document.ts';
import { OPERATIONS } from './operations.ts';
import { contradiction } from './testing/validate.ts';

interface Layer {
  rawPath?: unknown;
  handle: { stack?: Layer[] };
  route?: { path: string; methods: Record<string, boolean> };
}

/** Every route that is mounted, as `METHOD /path/{parameter}`, in whatever router it stands. */
function routesOf(router: { stack: Layer[] }, prefix = ''): string[] {
  return router.stack.flatMap((layer) => {
    if (layer.route) {
      const path = `${prefix}${layer.route.path}`.replace(/(.)\/$/, '$1').replace(/:(\w+)/g, '{$1}');
      return Object.keys(layer.route.methods)
        .filter((method) => method !== '_all')
        .map((method) => `${method} ${path}`);
    }
    if (!layer.handle.stack) return [];
    const mounted = typeof layer.rawPath === 'string' ? layer.rawPath.replace(/\/$/, '') : '';
    return routesOf({ stack: layer.handle.stack }, prefix + mounted);
  });
}

test('the document is valid OpenAPI 3.1, and served without a token', async () => {
  const result = await new Validator().validate(openApiDocument());
  expect(result.errors ?? []).toEqual([]);
  expect(result.valid).toBe(true);
  const server = await startTestServer();
  try {
    const response = await fetch(`${server.server.url}/api/openapi.json`);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual(openApiDocument());
  } finally {
    await server.stop();
  }
});

test('dialects that are not served are not in the document', async () => {
  const server = await startTestServer({ DIALECTS: 'omeka' });
  try {
    const { paths } = (await server.admin.get('/api/openapi.json')).json as { paths: object };
    expect(Object.keys(paths).filter((path) => /itembank|v1\/storage/.test(path))).toEqual([]);
    expect(Object.keys(paths)).toContain('/api/items/{id}');
  } finally {
    await server.stop();
  }
});

test('every route that is mounted is in the document, and the other way round', async () => {
  const listening = vi.spyOn(Server.prototype, 'on');
  const server = await startTestServer();
  const app = listening.mock.calls.find(([event]) => (event as string) === 'request')?.[1];
  listening.mockRestore();
  try {
    const mounted = routesOf((app as unknown as { router: { stack: Layer[] } }).router);
    // tus, Omeka and Learnosity answer below their addresses by themselves, without a route for each method.
    const [routed, loose] = [true, false].map((is) =>
      OPERATIONS.filter(({ tus, tag }) => is === !(tus || tag === 'omeka' || tag === 'learnosity')),
    );
    expect(mounted.length).toBeGreaterThan(40);
    const named = (routed ?? []).map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(mounted)].toSorted()).toEqual(named.toSorted());
    for (const { method, path } of (loose ?? []).filter(({ tus }) => !tus)) {
      const at = path.replace('{version}', 'v1').replace(/\{\w+\}/g, '1');
      const { status, text } = await server.admin.call(method.toUpperCase(), `${at}?key=${server.admin.token}`);
      // Our own words would say that nobody there knew the address.
      expect([at, status === 405, /"code":"(?:not_found|method_not_allowed)"/.test(text)]).toEqual([at, false, false]);
    }
    for (const path of ['/api/upload', `/api/upload/${freshId()}`]) {
      expect((await server.admin.call('OPTIONS', path)).headers.get('tus-version')).toBe('1.0.0');
    }
  } finally {
    await server.stop();
  }
});

test('an answer that is not as the document says is noticed', () => {
  const answer = { method: 'GET', path: '/api/user/me', status: 200, type: 'application/json' };
  const me = { id: freshId(), username: 'kim', storage_limit: 1, storage_used: 0 };
  expect(contradiction({ ...answer, text: JSON.stringify(me) })).toBeNull();
  expect(contradiction({ ...answer, text: JSON.stringify({ ...me, storage_used: '0' }) })).toMatch(/storage_used/);
  expect(contradiction({ ...answer, text: JSON.stringify({ ...me, more: 1 }) })).toMatch(/additional/);
  expect(contradiction({ ...answer, text: 'x' })).toMatch(/no JSON/);
  expect(contradiction({ ...answer, type: 'text/html', text: '' })).toMatch(/its type is text\/html/);
  expect(contradiction({ ...answer, status: 418, text: '' })).toMatch(/418 is not among its answers/);
  expect(contradiction({ ...answer, path: '/api/x', status: 404, text: '{"error":"x"}' })).toMatch(
    /error must be object/,
  );
});

test('what the protocol declares of a field stands in the document', () => {
  const { components } = openApiDocument() as unknown as {
    components: { schemas: Record<string, { properties: Record<string, object>; required?: string[] }> };
  };
  const node = components.schemas['NewNode'];
  expect(node?.properties['kind']).toMatchObject({ type: 'string' });
  expect(node?.properties['license']).toMatchObject({ anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] });
  expect(components.schemas['NodeChange']?.properties).not.toHaveProperty('kind');
  expect(components.schemas['Error']?.properties).toHaveProperty('error');
});
