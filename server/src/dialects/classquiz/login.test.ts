import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type Api, type TestServer } from '../../http/testing/harness.ts';

/** Every character that a token may hold and a cookie may not, as it stands. */
const ADMIN = 'admin"s;own\\token,with=all%20of[them]';
const base = '/api/v1';
const time = { ahead: 0 };
let test: TestServer;
let ada: Api;

beforeAll(async () => {
  const world = { clock: { now: () => Date.now() + time.ahead } };
  test = await startTestServer({}, { world });
  ada = await test.user('ada@example.org');
});
afterAll(() => test.stop());

async function post(path: string, body: unknown, server = test) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(server.server.url + base + path, { method: 'POST', body: text, headers });
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Record<string, unknown> };
}

async function start(email: string, server = test): Promise<string> {
  const { status, json } = await post('/login/start', { email }, server);
  expect([status, json]).toEqual([
    200,
    { step_1: ['PASSWORD'], step_2: [], session_id: expect.any(String), webauthn_data: null },
  ]);
  return json['session_id'] as string;
}
const step = (session: string, data: unknown, server = test) =>
  post(`/login/step/1?session_id=${encodeURIComponent(session)}`, { auth_type: 'PASSWORD', data }, server);
const wrong = { status: 401, json: { detail: 'wrong credentials' } };

it('lets a user in by name, a token as the password', async () => {
  const { status, json, headers } = await step(await start('ada@example.org'), ada.token);
  expect([status, json]).toEqual([200, { access_token: ada.token, token_type: 'bearer' }]);
  const [cookie = ''] = headers.getSetCookie();
  expect(cookie).toBe(`access_token="Bearer ${ada.token}"; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax`);
  const limit = await fetch(`${test.server.url}${base}/storage/limit`, {
    headers: { cookie: cookie.split('; ')[0] ?? '' },
  });
  expect(limit.status).toBe(200);
});

it('tells nobody whether there is such a user, and lets no other in', async () => {
  const other = await test.user('grace');
  const session = await start('ada@example.org');
  expect(await step(session, other.token)).toMatchObject(wrong);
  expect(await step(session, 'nonsense')).toMatchObject(wrong);
  expect(await step(await start('nobody'), ada.token)).toMatchObject(wrong);
  expect(await step('nonsense', ada.token)).toMatchObject(wrong);
  expect(
    await step(
      session.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      ada.token,
    ),
  ).toMatchObject(wrong);
  expect(await post('/login/step/1', { auth_type: 'PASSWORD', data: ada.token })).toMatchObject({
    status: 422,
    json: { detail: [{ type: 'missing', loc: ['query', 'session_id'] }] },
  });
  const passkey = { auth_type: 'PASSKEY', data: {} };
  expect(await post(`/login/step/1?session_id=${session}`, passkey)).toMatchObject(wrong);
  time.ahead = 600_001;
  expect(await step(session, ada.token)).toMatchObject(wrong);
  time.ahead = 0;
});

it('refuses what is no login in the words of ClassQuiz', async () => {
  expect(await post('/login/start', '{')).toMatchObject({ status: 422, json: { detail: [{ type: 'json_invalid' }] } });
  expect(await post('/login/start', {})).toMatchObject({
    status: 422,
    json: { detail: [{ type: 'missing', loc: ['body', 'email'], msg: 'Field required' }] },
  });
  expect(await post('/login/start', { email: 1 })).toMatchObject({
    status: 422,
    json: { detail: [{ type: 'string_type' }] },
  });
  expect(await post('/login/step/2', {})).toMatchObject({ status: 404, json: { detail: 'Not Found' } });
  const get = await fetch(`${test.server.url}${base}/login/start`);
  expect([get.status, await get.json()]).toEqual([405, { detail: 'Method Not Allowed' }]);
});

it('carries any token in its cookie', async () => {
  const odd = await startTestServer({ ADMIN_TOKEN: ADMIN, PUBLIC_URL: 'https://cambium.example' });
  try {
    const { json, headers } = await step(await start('admin', odd), ADMIN, odd);
    expect(json['access_token']).toBe(ADMIN);
    const [cookie = ''] = headers.getSetCookie();
    expect(cookie).toMatch(/; SameSite=lax; Secure$/);
    const sent = { cookie: `a=1; ${cookie.slice(0, cookie.indexOf('; HttpOnly'))}; b=2` };
    expect(sent.cookie.split(';')).toHaveLength(3);
    expect((await fetch(`${odd.server.url}${base}/storage/limit`, { headers: sent })).status).toBe(200);
  } finally {
    await odd.stop();
  }
});
