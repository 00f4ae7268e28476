import type { Cell, Row } from './report.ts';

/**
 * Turns rows of one value each into a table: `down` names its rows, `across` its columns, in the order in which they
 * come first. What was not measured is an empty cell.
 */
export function pivot(rows: readonly Row[], down: string, across: string, value: string): Row[] {
  const columns = [...new Set(rows.map((row) => nameOf(row[across])))];
  const table = new Map<string, Row>();
  for (const row of rows) {
    const name = nameOf(row[down]);
    const line = table.get(name) ?? { [down]: name, ...Object.fromEntries(columns.map((column) => [column, ''])) };
    line[nameOf(row[across])] = row[value] ?? '';
    table.set(name, line);
  }
  return [...table.values()];
}

function nameOf(cell: Cell | undefined): string {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return cell.toLocaleString('en');
  throw new Error('neither a figure nor nothing can name a row or a column');
}
