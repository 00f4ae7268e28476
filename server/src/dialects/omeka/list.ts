import { sql, type SelectQueryBuilder } from 'kysely';
import type { Call } from './call.ts';
import { readMoment, readPage, setPageHeaders } from './page.ts';

/** How the index of a resource is narrowed, by query parameter. */
export type Filters<Rows> = Readonly<Record<string, (rows: Rows, text: string) => Rows>>;

/** What the index of a resource can be asked for. */
export interface Listing<Rows> {
  filters: Filters<Rows>;
  /** Columns, as SQL, by the names that the API has for them. */
  sorts: Readonly<Record<string, string>>;
  /** Decides where nothing else does. */
  number: string;
}

/** The page of rows that the query asks for; how many there are, and where the other pages lie, goes into the headers. */
export async function takePage<Tables, Table extends keyof Tables, Row>(
  call: Call,
  rows: SelectQueryBuilder<Tables, Table, Row>,
  { filters, sorts, number }: Listing<SelectQueryBuilder<Tables, Table, Row>>,
): Promise<Row[]> {
  const { query } = call;
  let found = rows;
  for (const [name, filter] of Object.entries(filters)) {
    const text = query.get(name);
    // An empty one is none.
    if (text !== null && text !== '') found = filter(found, text);
  }
  const { total } = (await found
    .clearSelect()
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirstOrThrow()) as { total: number };
  const page = readPage(query);
  setPageHeaders(call, page, total);
  const field = query.get('sort_field') ?? '';
  const column = Object.hasOwn(sorts, field) ? sorts[field] : undefined;
  if (column !== undefined) found = found.orderBy(sql.raw(column), query.get('sort_dir') === 'd' ? 'desc' : 'asc');
  return await found
    .orderBy(sql.raw(number))
    .limit(page.perPage)
    .offset((page.page - 1) * page.perPage)
    .execute();
}

/** Is the time in the column (SQL), down to the second, after that of the parameter? */
export function isAfter(column: string, text: string) {
  return sql<boolean>`substr(${sql.raw(column)}, 1, 19) > ${readMoment(text)}`;
}
