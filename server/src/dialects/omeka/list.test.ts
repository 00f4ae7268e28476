import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN_TOKEN, startTestServer, type Api, type TestServer } from '../../http/testing/harness.ts';
import { message, numbers, openApi } from './testing/api.ts';

let test: TestServer;
let call: Awaited<ReturnType<typeof openApi>>['call'];
let upload: Awaited<ReturnType<typeof openApi>>['upload'];
let ada: Api;

beforeAll(async () => {
  test = await startTestServer();
  ({ call, upload } = await openApi(test));
  ada = await test.user('ada');
});
afterAll(() => test.stop());

it('lists by page, filter and order', async () => {
  const own = (await call('POST', 'items', ADMIN_TOKEN, { public: true })).json['id'] as number;
  const made: number[] = [];
  for (const text of ['a', 'bbbb', 'cc']) {
    const bytes = Buffer.from(`${text}\n`);
    made.push(
      (
        await upload({
          bytes,
          name: `${text}.txt`,
          data: { item: { id: own }, order: text === 'a' ? null : text.length },
        })
      ).json['id'] as number,
    );
  }
  const [a, b, c] = made as [number, number, number];
  const list = (query: string) => call('GET', `files?item=${own}${query}`, null);
  const all = await list('');
  expect(numbers(all)).toEqual([a, b, c]);
  expect(all.headers.get('omeka-total-results')).toBe('3');
  const page = await call('GET', `files?item=${own}&per_page=1&page=2&pretty_print`, ADMIN_TOKEN);
  const url = (to: number) => `<${test.server.url}/api/files?item=${own}&per_page=1&page=${to}&pretty_print=>`;
  expect(page.headers.get('link')).toBe(
    `${url(1)}; rel="first", ${url(3)}; rel="last", ${url(1)}; rel="prev", ${url(3)}; rel="next"`,
  );
  expect([numbers(page), page.text.startsWith('[\n    {\n        "id"')]).toEqual([[b], true]);
  expect(page.headers.get('link')).not.toContain('key=');
  expect(numbers(await list('&page=9'))).toEqual([]);
  for (const perPage of ['0', '-1', 'x', '51'])
    expect(numbers(await list(`&per_page=${perPage}`)), perPage).toEqual([a, b, c]);
  expect(numbers(await list('&sort_field=size&sort_dir=d'))).toEqual([b, c, a]);
  expect(numbers(await list('&sort_field=size&sort_dir=desc'))).toEqual([a, c, b]);
  expect(numbers(await list('&order=null'))).toEqual([a]);
  expect(numbers(await list('&order=4'))).toEqual([b]);
  expect(numbers(await list('&size_greater_than=2'))).toEqual([b, c]);
  expect(numbers(await list('&mime_type=text/plain'))).toEqual([a, b, c]);
  expect(numbers(await list('&mime_type=image/png'))).toEqual([]);
  expect(numbers(await list('&has_derivative_image=1'))).toEqual([]);
  expect(numbers(await list('&has_derivative_image=no&order='))).toEqual([a, b, c]);
  expect(numbers(await list('&added_since=2020-01-01'))).toEqual([a, b, c]);
  expect(numbers(await list('&modified_since=2020-01-01T00:00:00%2B02:00'))).toEqual([a, b, c]);
  expect((await call('PUT', `files/${a}`, ADMIN_TOKEN, { order: 9 })).status).toBe(200);
  expect(numbers(await list('&sort_field=order&sort_dir=d'))).toEqual([a, b, c]);
  expect((await call('PUT', `files/${a}`, ADMIN_TOKEN, { order: 0 })).json['order']).toBeNull();
  expect(numbers(await list('&sort_field=modified&sort_dir=a'))).toEqual([b, c, a]);
  expect(numbers(await list('&sort_field=nothing&sort_dir=d'))).toEqual([a, b, c]);
  expect(numbers(await list('&modified_since=2999-01-01T00:00:00Z'))).toEqual([]);
  const none = await list('&order=77');
  expect([none.text, none.headers.get('omeka-total-results'), none.headers.get('link')?.includes('page=0')]).toEqual([
    '[]',
    '0',
    true,
  ]);
  const script = await list('&callback=a.b');
  expect([
    script.headers.get('content-type'),
    script.text.startsWith('a.b({"headers":{"status":200},"data":[{'),
  ]).toEqual(['application/javascript', true]);
});

it('writes the addresses of other pages as PHP writes them', async () => {
  const page = await call('GET', 'files?item=*~a%20b%C3%BC&pretty_print', ADMIN_TOKEN);
  expect(page.headers.get('link')).toContain('/api/files?item=%2A%7Ea+b%C3%BC&pretty_print=&page=1&per_page=50>;');
});

it('lists items by filter and order', async () => {
  const made: number[] = [];
  for (const flags of [{ public: true, featured: true }, { public: true }, { public: false }])
    made.push((await call('POST', 'items', ada.token, flags)).json['id'] as number);
  const [a, b, c] = made as [number, number, number];
  const owner = ((await call('GET', `items/${a}`, null)).json['owner'] as { id: number }).id;
  const list = async (query: string, key: string | null = ada.token) =>
    numbers(await call('GET', `items?owner=${owner}${query}`, key)).filter((id) => made.includes(id));
  expect(await list('')).toEqual([a, b, c]);
  expect(await list('', null)).toEqual([a, b]);
  expect(await list('&public=0')).toEqual([c]);
  expect(await list('&featured=1')).toEqual([a]);
  expect(await list('&sort_field=id&sort_dir=d')).toEqual([c, b, a]);
  expect(await list('&sort_field=featured&sort_dir=a')).toEqual([b, c, a]);
  expect(await list('&added_since=2020-01-01')).toEqual([a, b, c]);
  expect(await list('&modified_since=2999-01-01')).toEqual([]);
  const page = await call('GET', `items?owner=${owner}&per_page=1&public=1&featured=1`, ada.token);
  expect([numbers(page), page.headers.get('omeka-total-results')]).toEqual([[a], '1']);
  expect(message(await call('GET', 'items?collection=1', null))).toBe(
    '400 Invalid GET request parameter: "collection"',
  );
});

it('knows Dublin Core', async () => {
  expect((await call('GET', 'element_sets', null)).json).toMatchObject([
    { id: 1, name: 'Dublin Core', record_type: null, elements: { count: 15 } },
    { id: 3, name: 'Item Type Metadata', record_type: 'Item' },
  ]);
  expect((await call('GET', 'elements/50', null)).json).toMatchObject({
    id: 50,
    name: 'Title',
    order: 1,
    element_set: { id: 1 },
  });
  expect(numbers(await call('GET', 'elements?element_set=1', null))).toEqual([
    37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
  ]);
  expect((await call('GET', 'site', null)).json).toMatchObject({ omeka_version: '3.2.1' });
  expect((await call('GET', 'resources', null)).json).toMatchObject({
    files: { actions: ['index', 'get', 'post', 'put', 'delete'] },
  });
});
