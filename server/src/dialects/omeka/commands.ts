import type { Database } from 'better-sqlite3';
import { statement } from '../../database/statement.ts';

/** One text of an element, in the order of the list that it stands in. */
export interface ElementText {
  element: number;
  html: boolean;
  text: string;
}

export function addItem(
  db: Database,
  input: { owner: number; public: boolean; featured: boolean; texts: ElementText[]; now: string },
): { id: number } {
  const { owner, now } = input;
  const row = statement<unknown[], { id: number }>(
    db,
    `INSERT INTO omeka_item(owner, home, public, featured, added, modified) VALUES(?, 0, ?, ?, ?, ?) RETURNING id`,
  ).get(owner, Number(input.public), Number(input.featured), now, now);
  if (!row) throw new Error('an item was not inserted');
  setTexts(db, 'item', row.id, input.texts);
  return row;
}

/** What is undefined stays as it is. */
export function editItem(
  db: Database,
  input: { id: number; public?: boolean; featured?: boolean; texts?: ElementText[]; now: string },
): Record<string, never> {
  const flag = (value: boolean | undefined) => (value === undefined ? null : Number(value));
  statement(
    db,
    `UPDATE omeka_item SET public = coalesce(@public, public), featured = coalesce(@featured, featured), modified = @now WHERE id = @id`,
  ).run({ id: input.id, public: flag(input.public), featured: flag(input.featured), now: input.now });
  if (input.texts) setTexts(db, 'item', input.id, input.texts);
  return {};
}

/** Its files should be gone before; one that was put into it meanwhile lies in its owner's own item from then on. */
export function removeItem(db: Database, input: { id: number }): Record<string, never> {
  statement(
    db,
    `UPDATE file_facts SET item = (SELECT h.id FROM omeka_item h JOIN file f ON f.uploaded_by = h.owner
       WHERE f.id = file_facts.file AND h.home = 1)
     WHERE item = @id AND EXISTS (SELECT 1 FROM omeka_item WHERE id = @id AND home = 0)`,
  ).run(input);
  statement(db, `DELETE FROM omeka_item WHERE id = ? AND home = 0`).run(input.id);
  setTexts(db, 'item', input.id, []);
  return {};
}

/**
 * Puts a file into an item, gives it a place there, describes it; what is undefined stays as it is. An item that is
 * gone takes no file: it stays where it is.
 */
export function editFile(
  db: Database,
  input: { file: string; item?: number; order?: number | null; texts?: ElementText[]; now: string },
): Record<string, never> {
  const { file, now } = input;
  if (input.item !== undefined) {
    const put = `UPDATE file_facts SET item = @item WHERE file = @file AND EXISTS (SELECT 1 FROM omeka_item WHERE id = @item)`;
    statement(db, put).run({ item: input.item, file });
  }
  if (input.order !== undefined) statement(db, `UPDATE file_facts SET ord = ? WHERE file = ?`).run(input.order, file);
  const row = statement<unknown[], { number: number }>(
    db,
    `UPDATE file_facts SET edited = ? WHERE file = ? RETURNING number`,
  ).get(now, file);
  if (row && input.texts) setTexts(db, 'file', row.number, input.texts);
  return {};
}

function setTexts(db: Database, record: 'file' | 'item', number: number, texts: ElementText[]): void {
  statement(db, `DELETE FROM omeka_text WHERE record = ? AND number = ?`).run(record, number);
  const text = `INSERT INTO omeka_text(record, number, ord, element, html, text) VALUES(?, ?, ?, ?, ?, ?)`;
  for (const [ord, each] of texts.entries()) {
    statement(db, text).run(record, number, ord, each.element, Number(each.html), each.text);
  }
}
