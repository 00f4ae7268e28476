import type { Cell, Row } from './report.ts';

/**
 * Turns rows of one value each into a table: `down` names its rows, `across` its columns, in the order in which they
 * come first. What was not measured is an empty cell. A number is named with what it counts: an object puts keys that are
 * numbers before all others.
 */
export function pivot(rows: readonly Row[], down: string, across: string, value: string): Row[] {
  const columns = [...new Set(rows.map((row) => nameOf(across, row[across])))];
  const table = new Map<string, Row>();
  for (const row of rows) {
    const name = nameOf(down, row[down]);
    const line = table.get(name) ?? { [down]: name, ...Object.fromEntries(columns.map((column) => [column, ''])) };
    line[nameOf(across, row[across])] = row[value] ?? '';
    table.set(name, line);
  }
  return [...table.values()];
}

function nameOf(column: string, cell: Cell | undefined): string {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return `${column} ${cell.toLocaleString('en')}`;
  throw new Error('neither a figure nor nothing can name a row or a column');
}
