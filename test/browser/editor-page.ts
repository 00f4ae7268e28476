import type { BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

import type { RunningServer } from './server.ts';

/** One line of a tree: how deep it stands and its title. */
export type Line = `${string}- ${string}`;

/** What a user sees and does on the page, in the words of a user. */
export class EditorPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the page as a first visit does, and the channel of that name. */
  static async open(context: BrowserContext, server: RunningServer, channel: string): Promise<EditorPage> {
    const page = await context.newPage();
    const editor = new EditorPage(page);
    await page.goto(`${server.url}/#token=${server.token}`);
    await page.getByRole('navigation').getByRole('button', { name: channel, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: channel }).waitFor();
    return editor;
  }

  row(title: string): Locator {
    return this.page.getByRole('treeitem', { name: title, exact: true });
  }

  async select(title: string): Promise<void> {
    await this.row(title).click();
  }

  /** Keys one after another, each when the one before took effect. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Makes a node of a kind where the selection says, and gives it a title. */
  async create(kind: string, title: string): Promise<void> {
    await this.press('n');
    await this.page.getByRole('menuitem', { name: kind, exact: true }).click();
    await this.page.getByRole('textbox', { name: 'Title' }).and(this.page.locator('.rename')).fill(title);
    await this.press('Enter');
    await this.row(title).waitFor();
  }

  async rename(from: string, to: string): Promise<void> {
    await this.select(from);
    await this.press('F2');
    await this.page.locator('.rename').fill(to);
    await this.press('Enter');
    await this.row(to).waitFor();
  }

  /** The lines in view, in order. */
  async lines(): Promise<Line[]> {
    const rows = await this.page.getByRole('treeitem').evaluateAll((items) =>
      items.map((item) => ({
        level: Number(item.getAttribute('aria-level')),
        title: item.getAttribute('aria-label') ?? '',
        top: item.getBoundingClientRect().top,
      })),
    );
    return rows.toSorted((a, b) => a.top - b.top).map(({ level, title }) => line(level, title));
  }

  status(): Promise<string> {
    return this.page.locator('.status-button').innerText();
  }

  async saved(): Promise<void> {
    await expect.poll(() => this.status(), { timeout: 15_000 }).toContain('All changes saved');
  }

  async shows(lines: Line[]): Promise<void> {
    await expect.poll(() => this.lines(), { timeout: 15_000 }).toEqual(lines);
  }
}

function line(level: number, title: string): Line {
  return `${'  '.repeat(level - 1)}- ${title}`;
}

interface RestNode {
  id: string;
  parent_id: string | null;
  title: string;
}

/** A channel as the server has it, in the same lines as a fully open page. */
export async function serverLines(server: RunningServer, channel: string): Promise<Line[]> {
  const { results } = await server.api<{ results: (RestNode & { parent: string | null })[] }>(
    'GET',
    `/api/contentnode?root_id=${channel}`,
  );
  const levels = new Map<string, number>();
  return results.flatMap((node) => {
    const parent = node.parent_id ?? node.parent ?? null;
    const level = parent === null ? 0 : (levels.get(parent) ?? 0) + 1;
    levels.set(node.id, level);
    return level === 0 ? [] : [line(level, node.title)];
  });
}
