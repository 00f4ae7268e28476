import { randomBytes } from 'node:crypto';

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { EditorPage, type Line, serverLines } from './editor-page.ts';
import { launch } from './launch.ts';
import { type RunningServer, startServer } from './server.ts';

let server: RunningServer;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
}, 300_000);

afterEach(() => context?.close());

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** A channel with two topics, open in so many windows of one device. */
async function windows(name: string, count: number): Promise<{ channel: string; editors: EditorPage[] }> {
  const { id: channel } = await server.api<{ id: string }>('POST', '/api/channel', { name });
  for (const title of ['Plants', 'Animals'])
    await server.api('POST', '/api/contentnode', { parent: channel, kind: 'topic', title });
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(15_000);
  const editors: EditorPage[] = [];
  for (let made = 0; made < count; made += 1) editors.push(await EditorPage.open(context, server, name));
  for (const editor of editors) await editor.row('Animals').waitFor();
  return { channel, editors };
}

/** Waits until the server has it: a page shows an edit sooner than it can say that it is not saved yet. */
async function onServer(channel: string, lines: Line[]): Promise<void> {
  await expect.poll(() => serverLines(server, channel), { timeout: 45_000 }).toEqual(lines);
}

/** Stops everything that the page does, as a browser does with a window that nobody looks at; resolves to its end. */
async function freeze(page: Page): Promise<() => Promise<void>> {
  const session = await context.newCDPSession(page);
  await session.send('Debugger.enable');
  const frozen = new Promise((resolve) => session.once('Debugger.paused', resolve));
  await page.evaluate('void setTimeout(() => { debugger; })');
  await frozen;
  return async () => {
    await session.send('Debugger.resume');
    await session.detach();
  };
}

describe.sequential('two windows of one device', { timeout: 120_000 }, () => {
  test('a window that freezes with unsent edits is replaced by the other within half a minute', async () => {
    const { channel, editors } = await windows('Frozen', 2);
    const [first, second] = editors as [EditorPage, EditorPage];
    await context.setOffline(true);
    await first.page.bringToFront();
    await first.rename('Plants', 'Unsent');
    const thaw = await freeze(first.page);
    await context.setOffline(false);
    await onServer(channel, ['- Unsent', '- Animals']);
    await second.shows(['- Unsent', '- Animals']);
    await thaw();
    await first.rename('Animals', 'Thawed');
    await onServer(channel, ['- Unsent', '- Thawed']);
  });

  test('a window that is closed with unsent edits is replaced at once', async () => {
    const { channel, editors } = await windows('Closed', 2);
    const [first, second] = editors as [EditorPage, EditorPage];
    await context.setOffline(true);
    await first.page.bringToFront();
    await first.rename('Plants', 'Unsent');
    await first.page.close();
    await context.setOffline(false);
    await onServer(channel, ['- Unsent', '- Animals']);
    await second.saved();
  });
});

describe.sequential('when something fails', { timeout: 90_000 }, () => {
  test('an upload goes on after a reload where the server stands', async () => {
    const { channel, editors } = await windows('Reload', 1);
    const [editor] = editors as [EditorPage];
    const { page } = editor;
    const parent = (await server.api<{ results: { id: string }[] }>('GET', `/api/contentnode?parent=${channel}`))
      .results[0];
    const { id } = await server.api<{ id: string }>('POST', '/api/contentnode', {
      parent: parent?.id,
      kind: 'document',
      title: 'Scan',
    });
    await editor.row('Plants').and(page.locator('[aria-expanded]')).click();
    await editor.press('ArrowRight');
    await editor.select('Scan');
    const network = await context.newCDPSession(page);
    await network.send('Network.enable');
    const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 2_000_000 };
    await network.send('Network.emulateNetworkConditions', slow);
    const bytes = randomBytes(12_000_000);
    const file = { name: 'scan.pdf', mimeType: 'application/pdf', buffer: bytes };
    await page.getByLabel('File to attach').setInputFiles(file);
    const sent = () =>
      page
        .locator('.upload progress')
        .first()
        .evaluate((bar: HTMLProgressElement) => bar.value);
    await page.locator('.upload-sending').first().waitFor();
    await expect.poll(sent, { timeout: 20_000 }).toBeGreaterThan(4_000_000);
    const offsets: number[] = [];
    page.on('response', (response) => {
      if (response.request().method() === 'HEAD') offsets.push(Number(response.headers()['upload-offset']));
    });
    await page.reload();
    await network.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 });
    await editor.select('Scan');
    await page.getByRole('link', { name: 'scan.pdf' }).waitFor({ timeout: 40_000 });
    expect(Math.max(...offsets)).toBeGreaterThan(0);
    const [row] = await server.api<{ uploaded: boolean; url: string }[]>('GET', `/api/file?contentnode=${id}`);
    expect(row?.uploaded).toBe(true);
    const served = Buffer.from(await (await fetch(row?.url as string)).arrayBuffer());
    expect(served.equals(bytes)).toBe(true);
  });

  test('a token that is not taken any more is asked for again, and what waits is kept', async () => {
    const { channel, editors } = await windows('Expired', 1);
    const [editor] = editors as [EditorPage];
    const { page } = editor;
    const answer = { status: 401, json: { error: { code: 'unauthenticated', message: 'expired' } } };
    await context.route('**/api/**', (route) => route.fulfill(answer));
    await editor.rename('Plants', 'Waiting');
    await expect.poll(() => editor.status()).toContain('Sign in again');
    await context.unroute('**/api/**');
    await page.locator('.status-button').click();
    await page.getByLabel('New access token of admin').fill(server.token);
    await page.getByRole('button', { name: 'Continue' }).click();
    await onServer(channel, ['- Waiting', '- Animals']);
    await editor.saved();
  });

  test('a change on which the server fails can be set aside, and is said to be; later it is sent', async () => {
    const { channel, editors } = await windows('Poison', 1);
    const [editor] = editors as [EditorPage];
    const { page } = editor;
    await context.route('**/api/sync', (route) =>
      (route.request().postData() ?? '').includes('Poison it') ? route.fulfill({ status: 500 }) : route.continue(),
    );
    await editor.rename('Plants', 'Poison it');
    await page.locator('.status-button').click();
    await page.getByRole('button', { name: 'Set aside' }).click({ timeout: 40_000 });
    await page.keyboard.press('Escape');
    await editor.rename('Animals', 'Beasts');
    await expect.poll(() => editor.status(), { timeout: 20_000 }).toContain('1 change set aside');
    await onServer(channel, ['- Plants', '- Beasts']);
    await context.unroute('**/api/sync');
    await page.locator('.status-button').click();
    await page.getByRole('button', { name: 'Send again' }).click();
    await onServer(channel, ['- Poison it', '- Beasts']);
    await editor.saved();
  });

  test('an edit that overwrote another one says so, and gives it back', async () => {
    const { channel, editors } = await windows('Conflict', 1);
    const [editor] = editors as [EditorPage];
    const { page } = editor;
    const { results } = await server.api<{ results: { id: string }[] }>('GET', `/api/contentnode?parent=${channel}`);
    await context.setOffline(true);
    await editor.rename('Plants', 'Mine');
    await server.api('PATCH', `/api/contentnode/${results[0]?.id}`, { title: 'Theirs' });
    await context.setOffline(false);
    await expect.poll(() => editor.status(), { timeout: 15_000 }).toContain('1 changed by two');
    await page.locator('.status-button').click();
    await page.getByRole('button', { name: 'Use theirs' }).click();
    await page.keyboard.press('Escape');
    await editor.shows(['- Theirs', '- Animals']);
    await onServer(channel, ['- Theirs', '- Animals']);
    await editor.saved();
  });

  test('the last edits are taken back, one by one', async () => {
    const { channel, editors } = await windows('Undo', 1);
    const [editor] = editors as [EditorPage];
    await editor.rename('Plants', 'Flowers');
    await editor.press('Alt+ArrowDown');
    await editor.shows(['- Animals', '- Flowers']);
    await editor.press('Delete');
    await editor.shows(['- Animals']);
    await editor.press('Control+z');
    await editor.shows(['- Animals', '- Flowers']);
    await editor.press('Control+z', 'Control+z');
    await editor.shows(['- Plants', '- Animals']);
    await editor.page.getByRole('button', { name: 'Undo' }).and(editor.page.locator(':disabled')).waitFor();
    await onServer(channel, ['- Plants', '- Animals']);
    await editor.saved();
  });
});
