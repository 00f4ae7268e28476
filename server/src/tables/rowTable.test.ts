import { expect, test } from 'vitest';
import { AbsentIds } from './absent.ts';
import { Journal } from './journal.ts';
import { RowTable, type TableSql } from './rowTable.ts';
import { openDatabase } from '../database/open.ts';

interface Row {
  id: string;
  owner: string | null;
}

/** Rows as SQL has them; what a batch does to them stays in the overlay. */
function start(stored: Row[]) {
  let loads = 0;
  const loaded = (row: Row) => ({ row, rev: 1 });
  const sql: TableSql<Row> = {
    key: ({ id }) => id,
    owners: ({ owner }) => [owner],
    load: (key) => {
      loads += 1;
      const row = stored.find(({ id }) => id === key);
      return row && loaded(row);
    },
    loadOwned: (owner) => stored.filter((row) => row.owner === owner).map(loaded),
    insert: () => undefined,
    update: () => undefined,
    remove: () => undefined,
  };
  const journal = new Journal();
  const table = new RowTable(sql, journal, new AbsentIds(openDatabase(':memory:', { synchronous: 'NORMAL' }).raw));
  return { table, journal, of: (owner: string) => table.keysOf(owner).sort(), loads: () => loads };
}

test('what hangs on an owner is what SQL has and the batch has made of it, each row once', () => {
  const { table, journal, of } = start(['a', 'b', 'c', 'd'].map((id) => ({ id, owner: id === 'd' ? 'y' : 'x' })));
  expect([of('x'), of('y')]).toEqual([['a', 'b', 'c'], ['d']]);
  table.row('a');
  const mark = journal.mark();
  table.drop('b');
  table.patch('c', { owner: 'y' });
  table.patch('d', { owner: 'x' });
  table.put({ id: 'e', owner: 'x' }, 2);
  table.patch('c', { owner: null });
  table.patch('c', { owner: 'x' });
  expect([of('x'), of('y')]).toEqual([['a', 'c', 'd', 'e'], []]);
  journal.rollback(mark);
  expect([of('x'), of('y')]).toEqual([['a', 'b', 'c'], ['d']]);
});

test('rows that were only looked through are not kept', () => {
  const { table, of, loads } = start([{ id: 'a', owner: 'x' }]);
  of('x');
  table.row('a');
  expect(loads()).toBe(1);
});
