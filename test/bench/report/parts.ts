import { barPicture } from './bars.ts';
import { type Figure, textOf } from './figure.ts';
import { linePicture } from './lines.ts';
import { pivot } from './pivot.ts';
import { type Findings, type Row, tableOf } from './report.ts';

/** What a part gives to the document: blocks of markdown and pictures by their names. */
export interface Rendered {
  blocks: Record<string, string>;
  pictures: Record<string, string>;
}

/** Findings of all parts that there are, by name. */
export type AllFindings = Partial<Record<string, Findings>>;

type Part = (findings: Findings, all: AllFindings) => Rendered;

/** How each part is shown. */
export const PARTS: Record<string, Part> = {
  models(findings, all) {
    const rows = [findings, ...(all['typeorm'] ? [all['typeorm']] : [])].flatMap((one) => one.rows);
    const times = rows.filter((row) => 'µs' in row);
    const sizes = [...new Set(times.map(({ nodes }) => nodes as number))];
    const bySize = sizes.map(
      (size) =>
        `**${size.toLocaleString('en')} nodes**, microseconds:\n\n${tableOf(
          pivot(
            times.filter(({ nodes }) => nodes === size),
            'operation',
            'model',
            'µs',
          ),
        )}`,
    );
    const most = Math.max(...sizes);
    const written = times.filter(({ nodes, rows: count }) => nodes === most && (count as number) > 0);
    const exponents = rows.filter((row) => 'exponent of time' in row);
    return {
      blocks: {
        'models-picture': '![Microseconds of one operation by the size of the tree](bench-tree.svg)',
        models: [ranOn(findings), ...bySize].join('\n\n'),
        'models-rows': tableOf(pivot(written, 'operation', 'model', 'rows')),
        'models-exponents':
          exponents.length > 0 ? tableOf(pivot(exponents, 'operation', 'model', 'exponent of time')) : '',
        'models-goals': tableOf(rows.filter((row) => 'goal' in row)),
      },
      pictures: { 'bench-tree': treePicture(times) },
    };
  },
  batches(findings) {
    const [compared, singles, points] = ['workload', 'operation', 'at one point'].map((column) =>
      findings.rows.filter((row) => column in row),
    ) as [Row[], Row[], Row[]];
    return {
      blocks: {
        'batches-goals': tableOf(batchGoals(compared)),
        batches: [ranOn(findings), tableOf(compared)].join('\n\n'),
        'batches-singles': [tableOf(singles), tableOf(points)].join('\n\n'),
      },
      pictures: {},
    };
  },
  ingest(findings) {
    const { rows } = findings;
    const names = [...new Set(rows.map(({ system }) => system as string))];
    const groups = [...new Set(rows.map(({ batch }) => batch as number))].map((batch) => ({
      name: batch === 1 ? 'one node a request' : `${batch.toLocaleString('en')} nodes a request`,
      bars: rows
        .filter((row) => row['batch'] === batch)
        .map((row) => ({
          label: row['system'] as string,
          figure: row['nodes/s'] as Figure,
          series: names.indexOf(row['system'] as string),
        })),
    }));
    const meaning = names.map((name) => {
      const row = rows.find(({ system }) => system === name) as Row;
      return { system: name, 'an answer means': row['an answer means'] as string, answers: row['answers'] as string };
    });
    return {
      blocks: {
        ingest: [
          '![Nodes a second by the size of a batch](bench-ingest.svg)',
          ranOn(findings),
          tableOf(pivot(rows, 'system', 'batch', 'nodes/s')),
          tableOf(meaning),
        ].join('\n\n'),
        'ingest-goals': tableOf(ingestGoals(rows)),
        'ingest-cpu': tableOf(pivot(rows, 'system', 'batch', 'CPU µs a node')),
      },
      pictures: { 'bench-ingest': barPicture('Taken in over the network', 'nodes a second, more is better', groups) },
    };
  },
  writes(findings) {
    const columns = ['workload', 'durability', 'batch', 'changes/s', 'CPU µs a change'];
    const rows = findings.rows.map((row) => Object.fromEntries(columns.map((name) => [name, row[name] ?? ''])));
    return { blocks: { writes: [ranOn(findings), tableOf(rows)].join('\n\n') }, pictures: {} };
  },
  sync(findings) {
    const bars = findings.rows.flatMap((row, series) =>
      typeof row['nodes/s'] === 'object' ? [{ label: row['system'] as string, figure: row['nodes/s'], series }] : [],
    );
    const group = { name: 'into what each client stores them in', bars };
    return {
      blocks: {
        sync: [
          '![Nodes a second that reach a new device](bench-sync.svg)',
          ranOn(findings),
          tableOf(findings.rows),
        ].join('\n\n'),
      },
      pictures: { 'bench-sync': barPicture('A new device gets everything', 'nodes a second, more is better', [group]) },
    };
  },
  push: plain('push'),
  copy: plain('copy'),
  log: plain('log'),
  mixed(findings) {
    const [times, rates] = [true, false].map((isTime) => findings.rows.filter((row) => 'p50 ms' in row === isTime)) as [
      Row[],
      Row[],
    ];
    return { blocks: { mixed: [ranOn(findings), tableOf(times), tableOf(rates)].join('\n\n') }, pictures: {} };
  },
  limit(findings) {
    const { rows } = findings;
    return {
      blocks: {
        limit: [
          ranOn(findings),
          tableOf(pivot(rows, 'what', 'batch', 'a second')),
          'Microseconds of CPU:',
          tableOf(
            pivot(
              rows.filter((row) => typeof row['CPU µs'] === 'object'),
              'what',
              'batch',
              'CPU µs',
            ),
          ),
        ].join('\n\n'),
      },
      pictures: {},
    };
  },
  // Shown beside the models.
  typeorm: () => ({ blocks: {}, pictures: {} }),
};

/** What was promised of batches, by the larger ones. */
function batchGoals(rows: readonly Row[]): Row[] {
  return [
    { workload: 'import', least: 0.85 },
    { workload: 'prepend to one', least: 0.6 },
    { workload: 'create scattered', least: 0.5 },
    { workload: 'move scattered', least: 0.5 },
  ].flatMap(({ workload, least }) =>
    rows
      .filter((row) => row['workload'] === workload && (row['operations'] as number) >= 1000)
      .map((row): Row => {
        const [shared, singly] = [row['replay ÷ batch'], row['replay, a statement a row ÷ batch']] as [Figure, Figure];
        const reached = (found: number) => (found >= least ? 'yes' : 'no');
        return {
          goal: `${workload}, ${(row['operations'] as number).toLocaleString('en')} operations`,
          wanted: `≥ ${least}`,
          'of the very statements': shared.median,
          reached: reached(shared.median),
          'of a statement a row': singly.median,
          'reached by that': reached(singly.median),
        };
      }),
  );
}

/** What was promised of the durable server, at the sizes that were measured. */
function ingestGoals(rows: readonly Row[]): Row[] {
  return [
    { batch: 100, least: 40_000 },
    { batch: 1000, least: 80_000 },
  ].flatMap(({ batch, least }) => {
    const rates = rows
      .filter((row) => row['batch'] === batch)
      .map((row) => ({ name: row['system'] as string, rate: (row['nodes/s'] as Figure).median }));
    const found = rates.find(({ name }) => name === 'Cambium')?.rate;
    if (found === undefined) return [];
    const best = rates.filter(({ name }) => !name.startsWith('Cambium')).toSorted((a, b) => b.rate - a.rate)[0];
    const goal = (text: string, wanted: number): Row => ({
      goal: text,
      wanted: `≥ ${textOf(wanted)}`,
      found,
      reached: found >= wanted ? 'yes' : 'no',
    });
    return [
      goal(`durable nodes/s, batches of ${batch.toLocaleString('en')}`, least),
      ...(best ? [goal(`the same, beside the fastest peer (${best.name})`, best.rate)] : []),
    ];
  });
}

/** A part whose rows are its table. */
function plain(name: string): Part {
  return (findings) => ({ blocks: { [name]: [ranOn(findings), tableOf(findings.rows)].join('\n\n') }, pictures: {} });
}

function ranOn({ node, machine, load, seconds }: Findings): string {
  const loads = load.map((one) => one.toFixed(1)).join(' to ');
  return `_Node ${node} on ${machine}; load ${loads} while it ran, ${seconds} s._`;
}

function treePicture(times: readonly Row[]): string {
  const models = [...new Set(times.map(({ model }) => model as string))];
  const panels = [...new Set(times.map(({ operation }) => operation as string))].map((operation) => ({
    name: operation,
    lines: models.flatMap((model, series) => {
      const points = times
        .filter((row) => row['operation'] === operation && row['model'] === model)
        .map((row) => ({ x: row['nodes'] as number, y: (row['µs'] as Figure).median }));
      return points.length > 0 ? [{ label: model, series: series === 0 ? 0 : series + 1, points }] : [];
    }),
  }));
  return linePicture(
    'One operation, by the size of the tree',
    'microseconds, less is better; both axes by powers of ten',
    panels,
  );
}
