// Takes the picture of the editor that the README shows: `node --import tsx test/browser/screenshot.ts`.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { EditorPage } from './editor-page.ts';
import { launch } from './launch.ts';
import { startServer } from './server.ts';

const folder = fileURLToPath(new URL('../../docs/', import.meta.url));
await mkdir(folder, { recursive: true });
const [server, browser] = await Promise.all([startServer(), launch()]);
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({
      viewport: { width: 1360, height: 820 },
      deviceScaleFactor: 1.5,
      colorScheme,
    });
    const page = await context.newPage();
    await page.goto(`${server.url}/#token=${server.token}`);
    const editor = new EditorPage(page);
    await page.getByRole('treeitem').first().click();
    // Everything open, as far as it goes, and a leaf selected in the middle.
    await editor.press('Home');
    for (let at = 0; at < 12; at += 1) {
      await editor.press('ArrowRight');
      await page.waitForTimeout(100);
      await editor.press('ArrowDown');
    }
    for (let at = 0; at < 6; at += 1) await editor.press('ArrowUp');
    await page.waitForTimeout(500);
    await page.screenshot({ path: `${folder}editor${colorScheme === 'dark' ? '-dark' : ''}.png` });
    await context.close();
  }
} finally {
  await browser.close();
  await server.stop();
}
