/**
 * The exponent of the power of `x` that goes best through the points, by least squares of the logarithms: 0 does not
 * grow, 1 grows with the size. Throws for points that have no logarithm or are all at one place.
 */
export function exponentOf(points: readonly { x: number; y: number }[]): number {
  const logs = points.map(({ x, y }) => [Math.log(x), Math.log(y)] as const);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [middleX, middleY] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))];
  const slope = mean(logs.map(([x, y]) => (x - middleX) * (y - middleY))) / mean(logs.map(([x]) => (x - middleX) ** 2));
  if (!Number.isFinite(slope)) throw new Error('no exponent goes through these points');
  return slope;
}
