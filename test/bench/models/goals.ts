import type { Row } from '../report/report.ts';
import type { Measured } from './measure.ts';

/** What was promised of the tree, and what came out; only of the sizes that were measured. */
export function goalsOf(found: readonly Measured[]): Row[] {
  const sizes = [...new Set(found.map(({ nodes }) => nodes))];
  const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
  const time = (operation: string, model: string, nodes: number): number => {
    const one = found.find((it) => it.operation.startsWith(operation) && it.model === model && it.nodes === nodes);
    if (!one) throw new Error(`${operation} was not measured in ${model}`);
    return one.time.median;
  };
  const growth = (model: string) => time('move a leaf', model, large) / time('move a leaf', model, small);
  const row = (goal: string, wanted: string, value: number, reached: boolean): Row => ({
    goal,
    wanted,
    found: value,
    reached: reached ? 'yes' : 'no',
  });
  const most = (goal: string, limit: number, value: number, unit = '') =>
    row(goal, `≤ ${limit}${unit}`, value, value <= limit);
  const name = large.toLocaleString('en');
  const beside = (operation: string) => time(operation, 'Cambium', large) / time(operation, 'dense nested set', large);
  const faster = 1 / beside('move 1,000');
  return [
    ...(sizes.length > 1
      ? [
          most(
            `leaf move, growth from ${small.toLocaleString('en')} to ${name} nodes ÷ that of an adjacency list`,
            1.25,
            growth('Cambium') / growth('adjacency list'),
          ),
        ]
      : []),
    row(`move of 1,000 nodes at ${name}, times faster than dense`, '≥ 50', faster, faster >= 50),
    most(`subtree at ${name} ÷ dense`, 1.1, beside('read 1,000')),
    most(`page at ${name} ÷ dense`, 1.1, beside('page')),
    most(`ancestors at ${name}`, 20, time('ancestors', 'Cambium', large), ' µs'),
    most(`count at ${name}`, 10, time('count', 'Cambium', large), ' µs'),
  ];
}
