import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { type Figure, textOf, textOfFigure } from './figure.ts';

export type Cell = string | number | Figure;
export type Row = Record<string, Cell>;

/** What one benchmark found out, and on what. */
export interface Findings {
  part: string;
  node: string;
  machine: string;
  /** Of the last minute, when it began and when it ended: other work beside it makes figures worse. */
  load: [number, number];
  /** Seconds that it took. */
  seconds: number;
  rows: Row[];
}

/** An option of the command line, as `name=value`; what is not given is `otherwise`. */
export function option<T extends string | number>(name: string, otherwise: T): T {
  const given = process.argv.find((argument) => argument.startsWith(`${name}=`))?.slice(name.length + 1);
  if (given === undefined) return otherwise;
  if (typeof otherwise === 'string') return given as T;
  const number = Number(given);
  if (!Number.isFinite(number)) throw new Error(`${name}=${given} is no number`);
  return number as T;
}

/** Prints rows as they are found, as a table; with the option `json=FILE` they are written there at the end. */
export class Report {
  readonly #part: string;
  readonly #rows: Row[] = [];
  readonly #load = loadavg()[0] ?? 0;
  readonly #start = performance.now();
  #columns = '';

  constructor(part: string) {
    this.#part = part;
  }

  add(row: Row): void {
    const [head, line] = tableOf([row]).split(/\n.*\n/) as [string, string];
    if (head !== this.#columns) console.log(`\n${tableOf([row])}`);
    else console.log(line);
    this.#columns = head;
    this.#rows.push(row);
  }

  end(): void {
    const findings: Findings = {
      part: this.#part,
      node: process.versions.node,
      machine: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`,
      load: [this.#load, loadavg()[0] ?? 0],
      seconds: Math.round((performance.now() - this.#start) / 1000),
      rows: this.#rows,
    };
    const file = option('json', '');
    if (file) writeFileSync(file, JSON.stringify(findings));
  }
}

/** A markdown table; all rows have the columns of the first. */
export function tableOf(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, columns.map((name) => (rows.some((row) => typeof row[name] !== 'string') ? '---:' : '---'))];
  for (const row of rows) lines.push(columns.map((name) => textOfCell(row[name] ?? '')));
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function textOfCell(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  return typeof cell === 'number' ? textOf(cell) : textOfFigure(cell);
}
