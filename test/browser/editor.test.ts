import { randomBytes } from 'node:crypto';

import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { EditorPage, serverLines } from './editor-page.ts';
import { launch } from './launch.ts';
import { type RunningServer, startServer } from './server.ts';

let server: RunningServer;
let browser: Browser;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launch()]);
}, 300_000);

afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** A visitor with a device of their own. */
async function visitor(): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(15_000);
  contexts.push(context);
  return context;
}

/** A channel with two topics, the first with two documents in it. */
async function channelWithTopics(name: string): Promise<{ channel: string; ids: Record<string, string> }> {
  const { id: channel } = await server.api<{ id: string }>('POST', '/api/channel', { name });
  const ids: Record<string, string> = {};
  const add = async (title: string, parent: string, kind: string) => {
    ids[title] = (await server.api<{ id: string }>('POST', '/api/contentnode', { parent, kind, title })).id;
  };
  await add('Plants', channel, 'topic');
  await add('Animals', channel, 'topic');
  await add('Oak', ids['Plants'] as string, 'document');
  await add('Fern', ids['Plants'] as string, 'document');
  return { channel, ids };
}

describe.sequential('the editor', { timeout: 90_000 }, () => {
  test('a first visit shows the seeded course, keeps the token and hides it', async () => {
    const page = await (await visitor()).newPage();
    await page.goto(`${server.url}/#token=${server.token}`);
    await page.getByRole('treeitem').first().waitFor();
    expect(await page.getByRole('treeitem').count()).toBeGreaterThan(1);
    expect(page.url()).not.toContain(server.token);
    await page.reload();
    await page.getByRole('treeitem').first().waitFor();
  });

  test('without a token it asks, and says when one is not accepted', async () => {
    const page = await (await visitor()).newPage();
    const faults: Error[] = [];
    page.on('pageerror', (fault) => faults.push(fault));
    await page.goto(server.url);
    await page.getByLabel('Access token').fill('no such token at all');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Access token').fill(server.token);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('treeitem').first().waitFor();
    expect(faults).toEqual([]);
  });

  test('what is created, renamed, moved, copied and deleted survives a reload and is on the server', async () => {
    const { channel } = await channelWithTopics('Edits');
    const editor = await EditorPage.open(await visitor(), server, 'Edits');
    await editor.select('Plants');
    await editor.press('ArrowRight');
    await editor.row('Fern').waitFor();
    await editor.create('Document', 'Moss');
    await editor.rename('Oak', 'Oak tree');
    await editor.row('Fern').dragTo(editor.row('Animals'));
    await editor.select('Oak tree');
    await editor.press('Control+d');
    await editor.row('Oak tree (copy)').waitFor();
    await editor.select('Moss');
    await editor.press('Delete');
    await editor.row('Moss').waitFor({ state: 'detached' });
    const lines = ['- Plants', '  - Oak tree', '  - Oak tree (copy)', '- Animals', '  - Fern'] as const;
    await editor.shows([...lines]);
    await editor.saved();
    await editor.select('Oak tree');
    await editor.page.reload();
    await editor.shows([...lines]);
    expect(await editor.row('Oak tree').getAttribute('aria-selected')).toBe('true');
    expect(await serverLines(server, channel)).toEqual(lines);
  });

  test('edits made offline survive a reload without a network, and arrive when it is back', async () => {
    const { channel } = await channelWithTopics('Journey');
    const context = await visitor();
    const editor = await EditorPage.open(context, server, 'Journey');
    await editor.row('Plants').waitFor();
    await editor.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await context.setOffline(true);
    await editor.rename('Animals', 'Beasts');
    await editor.create('Document', 'Wolf');
    await expect.poll(() => editor.status()).toContain('Offline');
    await editor.page.reload();
    await editor.shows(['- Plants', '- Beasts', '  - Wolf']);
    await expect
      .poll(() => editor.status(), { timeout: 15_000 })
      .toMatch(/(Offline|Trying to connect), \d changes? kept/);
    await context.setOffline(false);
    await editor.saved();
    expect(await serverLines(server, channel)).toEqual(['- Plants', '  - Oak', '  - Fern', '- Beasts', '  - Wolf']);
  });

  test('two people edit one topic, one of them offline: both end with what the server has', async () => {
    const { channel } = await channelWithTopics('Together');
    const away = await visitor();
    const [first, second] = [
      await EditorPage.open(await visitor(), server, 'Together'),
      await EditorPage.open(away, server, 'Together'),
    ];
    for (const editor of [first, second]) {
      await editor.select('Plants');
      await editor.press('ArrowRight');
      await editor.row('Oak').waitFor();
    }
    await away.setOffline(true);
    await first.rename('Oak', 'Oak of the first');
    await first.select('Fern');
    await first.press('Alt+ArrowUp');
    await first.create('Document', 'Moss');
    await second.select('Fern');
    await second.press('Control+d');
    await second.row('Fern (copy)').waitFor();
    await second.rename('Oak', 'Oak of the second');
    await first.saved();
    await away.setOffline(false);
    await second.saved();
    await first.row('Fern (copy)').waitFor();
    const lines = await serverLines(server, channel);
    expect(lines).toContain('  - Oak of the second');
    await first.shows(lines);
    await second.shows(lines);
  });

  test('other windows follow without a reload, within a second', async () => {
    await channelWithTopics('Windows');
    const context = await visitor();
    const first = await EditorPage.open(context, server, 'Windows');
    const sameDevice = await EditorPage.open(context, server, 'Windows');
    const other = await EditorPage.open(await visitor(), server, 'Windows');
    for (const editor of [first, sameDevice, other]) await editor.row('Animals').waitFor();
    await first.page.bringToFront();
    const delays: number[] = [];
    let name = 'Animals';
    for (const next of ['Creatures', 'Beings', 'Fauna', 'Beasts', 'Wildlife']) {
      await first.rename(name, next);
      const began = performance.now();
      await Promise.all([sameDevice.row(next).waitFor(), other.row(next).waitFor()]);
      delays.push(performance.now() - began);
      name = next;
    }
    // The best of five: how fast it can be is a promise, how busy the machine is not.
    expect(Math.min(...delays)).toBeLessThan(1_000);
  });

  test('an edit that the server refuses is shown with its reason, and can be discarded', async () => {
    const { ids } = await channelWithTopics('Refusals');
    const context = await visitor();
    const editor = await EditorPage.open(context, server, 'Refusals');
    await editor.row('Animals').waitFor();
    await context.setOffline(true);
    await editor.select('Animals');
    await editor.press('Alt+ArrowRight');
    await server.api('DELETE', `/api/contentnode/${ids['Plants']}`);
    await context.setOffline(false);
    await expect.poll(() => editor.status(), { timeout: 15_000 }).toContain('1 refused');
    await editor.page.locator('.status-button').click();
    const panel = editor.page.getByRole('region', { name: 'Refused changes' });
    await expect.poll(() => panel.innerText()).toContain('Move “Animals”');
    expect(await panel.innerText()).toContain('deleted');
    await editor.shows(['- Animals']);
    await panel.getByRole('button', { name: 'Discard' }).click();
    await panel.waitFor({ state: 'detached' });
    await editor.saved();
  });

  test('who may only view a channel is told so before an edit, and told when it is no longer theirs', async () => {
    const { channel } = await channelWithTopics('Shared');
    const viewer = await server.api<{ id: string; token: string }>('POST', '/api/user', { username: 'viewer' });
    const members = `/api/channel/${channel}/members/${viewer.id}`;
    await server.api('PUT', members, { role: 'viewer' });
    const editor = await EditorPage.open(await visitor(), { ...server, token: viewer.token }, 'Shared');
    const { page } = editor;
    const said = page.locator('.access');
    await editor.select('Animals');
    await expect.poll(() => said.innerText()).toContain('not change it');
    await editor.press('F2', 'Delete');
    await page.locator('.notice').getByText('not change it').waitFor();
    expect(await page.locator('.rename').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'New', exact: true }).isDisabled()).toBe(true);
    expect(await page.getByRole('textbox', { name: 'Title' }).isDisabled()).toBe(true);
    await server.api('PUT', members, { role: 'editor' });
    await said.waitFor({ state: 'detached' });
    await editor.rename('Animals', 'Beasts');
    // The status may say saved before it has heard of the edit: what counts is what the server has.
    await expect.poll(() => serverLines(server, channel), { timeout: 15_000 }).toContain('- Beasts');
    await editor.saved();
    await server.api('DELETE', members);
    await expect.poll(() => said.innerText(), { timeout: 20_000 }).toContain('no longer shared with you');
    await editor.shows(['- Plants', '- Beasts']);
  });

  test('a file that is attached arrives whole, in pieces or in one', async () => {
    const { ids } = await channelWithTopics('Files');
    const editor = await EditorPage.open(await visitor(), server, 'Files');
    await editor.select('Plants');
    await editor.press('ArrowRight');
    for (const [title, size] of [
      ['Oak', 9_000_000],
      ['Fern', 5_000],
    ] as const) {
      const bytes = randomBytes(size);
      await editor.select(title);
      await editor.page
        .getByLabel('File to attach')
        .setInputFiles({ name: `${title}.pdf`, mimeType: 'application/pdf', buffer: bytes });
      await editor.page.getByRole('link', { name: `${title}.pdf` }).waitFor();
      const [file] = await server.api<{ uploaded: boolean; url: string }[]>(
        'GET',
        `/api/file?contentnode=${ids[title]}`,
      );
      expect(file?.uploaded).toBe(true);
      const served = Buffer.from(await (await fetch(file?.url as string)).arrayBuffer());
      expect(served.equals(bytes)).toBe(true);
    }
    await editor.saved();
  });

  test('everything can be done with the keyboard alone', async () => {
    const { channel } = await channelWithTopics('Keys');
    const editor = await EditorPage.open(await visitor(), server, 'Keys');
    await editor.row('Plants').waitFor();
    await editor.page.getByRole('tree').focus();
    const type = (text: string) => editor.page.keyboard.type(text);
    await editor.press('Home', 'ArrowRight');
    await editor.row('Oak').waitFor();
    // Down to Oak, a new exercise after it.
    await editor.press('ArrowDown', 'n', 'End', 'Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter');
    await editor.page.locator('.rename').waitFor();
    await editor.press('Control+a');
    await type('Tree quiz');
    await editor.press('Enter');
    await editor.shows(['- Plants', '  - Oak', '  - Tree quiz', '  - Fern', '- Animals']);
    await editor.press('Alt+ArrowDown');
    await editor.shows(['- Plants', '  - Oak', '  - Fern', '  - Tree quiz', '- Animals']);
    await editor.press('Alt+ArrowLeft');
    await editor.shows(['- Plants', '  - Oak', '  - Fern', '- Tree quiz', '- Animals']);
    await editor.press('Alt+ArrowRight');
    await editor.shows(['- Plants', '  - Oak', '  - Fern', '  - Tree quiz', '- Animals']);
    await editor.press('Control+x', 'End', 'Control+v');
    await editor.shows(['- Plants', '  - Oak', '  - Fern', '- Animals', '  - Tree quiz']);
    await editor.press('Home', 'Delete');
    await editor.page.getByRole('dialog').waitFor();
    await editor.press('Enter');
    await editor.shows(['- Animals', '  - Tree quiz']);
    // The keyboard is the tree's again when the question is answered.
    await editor.press('Control+z');
    await editor.row('Plants').waitFor();
    await editor.press('Home', 'Delete');
    await editor.page.getByRole('dialog').waitFor();
    await editor.press('Enter');
    await editor.shows(['- Animals', '  - Tree quiz']);
    await editor.saved();
    expect(await serverLines(server, channel)).toEqual(['- Animals', '  - Tree quiz']);
  });

  test('a hint about keys is there whole or not at all', async () => {
    await channelWithTopics('Hints');
    const { page } = await EditorPage.open(await visitor(), server, 'Hints');
    for (const width of [1280, 1030, 800]) {
      await page.setViewportSize({ width, height: 700 });
      const cut = await page.locator('.keys').evaluate((bar) => {
        const end = bar.getBoundingClientRect().bottom;
        const boxes = [...bar.children].map((hint) => hint.getBoundingClientRect());
        return boxes.filter(({ top, bottom }) => top < end && bottom > end).length;
      });
      expect(cut).toBe(0);
    }
  });

  test('a topic with 5,000 children stays usable: only what is in view is drawn', async () => {
    const { id: channel } = await server.api<{ id: string }>('POST', '/api/channel', { name: 'Many' });
    const key = (index: number) => `${channel.slice(0, 24)}${index.toString(16).padStart(8, '0')}`;
    const changes = Array.from({ length: 5000 }, (_, index) => ({
      rev: index + 1,
      type: 'CREATED',
      table: 'contentnode',
      key: key(index),
      channel_id: channel,
      obj: { parent: channel, kind: 'document', title: `Page ${index + 1}` },
    }));
    await server.api('POST', '/api/sync', { client_id: randomBytes(16).toString('hex'), changes });
    const editor = await EditorPage.open(await visitor(), server, 'Many');
    await editor.row('Page 1').click();
    await editor.press('End');
    await editor.row('Page 5000').waitFor();
    expect(await editor.page.getByRole('treeitem').count()).toBeLessThan(100);
    expect(await editor.row('Page 5000').getAttribute('aria-setsize')).toBe('5000');
    await editor.rename('Page 5000', 'The last page');
    await editor.row('The last page').dragTo(editor.row('Page 4997'), { targetPosition: { x: 200, y: 3 } });
    await expect
      .poll(async () => (await editor.lines()).slice(-5), { timeout: 15_000 })
      .toEqual(['- Page 4996', '- The last page', '- Page 4997', '- Page 4998', '- Page 4999']);
    await editor.press('Home');
    await editor.row('Page 1').waitFor();
    await editor.press('PageDown', 'PageDown');
    await editor.row('Page 25').and(editor.page.locator('[aria-selected=true]')).waitFor();
    await editor.saved();
  });

  test('titles of any script and length keep to their row, and a blank one is called so', async () => {
    const { id: channel } = await server.api<{ id: string }>('POST', '/api/channel', { name: 'Scripts' });
    const titles = ['👩‍👩‍👧‍👦 family', 'عنوان (RTL)', 'x'.repeat(200), '<script>alert(1)</script>'];
    for (const title of [...titles, '  '])
      await server.api('POST', '/api/contentnode', { parent: channel, kind: 'topic', title });
    const editor = await EditorPage.open(await visitor(), server, 'Scripts');
    for (const title of [...titles, 'No title']) await editor.row(title).waitFor();
    const heights = await editor.page.getByRole('treeitem').evaluateAll((rows) => rows.map((row) => row.clientHeight));
    expect(new Set(heights).size).toBe(1);
    expect(await editor.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    const direction = await editor
      .row('عنوان (RTL)')
      .locator('.title')
      .evaluate((title) => getComputedStyle(title).direction);
    expect(direction).toBe('rtl');
  });
});
