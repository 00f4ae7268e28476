import { Migrator } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrations } from '../../database/migrations.ts';
import { migrate, openDatabase, type Connection } from '../../database/open.ts';
import { addItem, editFile, removeItem } from './commands.ts';

const now = '2026-01-02T03:04:05.000Z';
let connection: Connection;

beforeEach(() => {
  connection = openDatabase(':memory:');
});
afterEach(() => connection.close());

/** A user with one stored file. */
function fill(): void {
  connection.raw.exec(`INSERT INTO user(pk, id, username, storage_limit, created) VALUES(1, 'u', 'ada', 10, '${now}');
    INSERT INTO file(id, checksum, file_format, original_filename, uploaded_by, uploaded, mime_type, modified, rev)
      VALUES('f', 'c', '', 'a.txt', 1, 1, 'text/plain', '${now}', 0)`);
}
const all = (text: string) => connection.raw.prepare(text).raw().all();
const places = () => all(`SELECT file, item FROM file_facts`);

it('never leaves a file in an item that is gone', async () => {
  await migrate(connection.db);
  fill();
  const { raw } = connection;
  const home = places()[0];
  const { id } = addItem(raw, { owner: 1, public: true, featured: false, texts: [], now });
  editFile(raw, { file: 'f', item: id, now });
  expect(places()).toEqual([['f', id]]);
  removeItem(raw, { id });
  expect(places()).toEqual([home]);
  editFile(raw, { file: 'f', item: id, order: 2, now });
  expect(places()).toEqual([home]);
});

it('clears away what older versions left of files that went', async () => {
  const { raw, db } = connection;
  const { error } = await new Migrator({ db, provider: migrations }).migrateTo('0006_checkpoints');
  expect(error).toBeUndefined();
  fill();
  raw.exec(`INSERT INTO file_facts(number, file, added) VALUES(7, 'gone', '${now}');
    INSERT INTO omeka_text VALUES('file', 7, 0, 50, 0, 'T'), ('file', 1, 0, 50, 0, 'kept'), ('item', 7, 0, 50, 0, 'kept');
    INSERT INTO learnosity_asset VALUES(1, 'a', 'gone', 'x/y'), (1, 'b', 'f', 'x/y')`);
  await migrate(db);
  expect(all(`SELECT file FROM file_facts`)).toEqual([['f']]);
  expect(all(`SELECT record, number FROM omeka_text`)).toEqual([
    ['file', 1],
    ['item', 7],
  ]);
  expect(all(`SELECT subkey FROM learnosity_asset`)).toEqual([['b']]);
});
