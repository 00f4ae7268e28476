import { textOf } from './figure.ts';
import { at, line, SERIES, svg, text } from './svg.ts';

export interface Series {
  label: string;
  /** Which colour. */
  series: number;
  points: readonly { x: number; y: number }[];
}

export interface Panel {
  name: string;
  lines: readonly Series[];
}

const [PANEL, HEIGHT, LEFT, TOP, COLUMNS] = [250, 200, 52, 64, 3];

/** Panels of lines over one another's sizes, both axes by powers of ten: a slope is an exponent. */
export function linePicture(title: string, unit: string, panels: readonly Panel[]): string {
  const rows = Math.ceil(panels.length / COLUMNS);
  const [width, height] = [COLUMNS * (PANEL + LEFT), TOP + rows * (HEIGHT + 56)];
  const content = [text(0, 16, title, 'title'), text(0, 33, unit, 'small'), ...legend(panels)];
  panels.forEach((panel, i) => {
    const [x, y] = [LEFT + (i % COLUMNS) * (PANEL + LEFT), TOP + 28 + Math.floor(i / COLUMNS) * (HEIGHT + 56)];
    content.push(...drawn(panel, x, y));
  });
  return svg(width, height, title, content);
}

function legend(panels: readonly Panel[]): string[] {
  const labels = new Map(panels.flatMap(({ lines }) => lines.map(({ label, series }) => [label, series])));
  let x = 0;
  return [...labels].map(([label, series]) => {
    const entry = text(x, 54, `● ${label}`, `s${series % SERIES}`);
    x += 36 + label.length * 6.6;
    return entry;
  });
}

function drawn({ name, lines }: Panel, left: number, top: number): string[] {
  const points = lines.flatMap((one) => one.points);
  const across = powers(points.map(({ x }) => x));
  const up = powers(points.map(({ y }) => y));
  const width = PANEL - 24;
  const placeX = (x: number) => left + ((Math.log10(x) - across.low) / Math.max(1, across.high - across.low)) * width;
  const placeY = (y: number) => top + HEIGHT - 30 - ((Math.log10(y) - up.low) / (up.high - up.low)) * (HEIGHT - 30);
  const bottom = placeY(10 ** up.low);
  const content = [text(left - 8, top - 10, name, 'title')];
  for (let power = up.low; power <= up.high; power += 1) {
    const y = placeY(10 ** power);
    content.push(line(left, y, left + width, y, 'grid'), text(left - 6, y + 4, shortOf(10 ** power), 'small', 'end'));
  }
  for (let power = across.low; power <= across.high; power += 1) {
    content.push(text(placeX(10 ** power), bottom + 16, shortOf(10 ** power), 'small', 'middle'));
  }
  // The first comes last, on top of those that it coincides with.
  for (const { series, points: of } of lines.toReversed()) {
    const places = of.map(({ x, y }) => [placeX(x), placeY(y)] as const);
    const kind = `s${series % SERIES}`;
    content.push(
      `<path d="M${places.map(([x, y]) => `${at(x)} ${at(y)}`).join('L')}" class="line ${kind}" style="fill:none"/>`,
      ...places.map(([x, y]) => `<circle cx="${at(x)}" cy="${at(y)}" r="3" class="${kind}"/>`),
    );
  }
  return content;
}

/** The powers of ten around values, at least one apart. */
function powers(values: readonly number[]): { low: number; high: number } {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  return { low, high: Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9)) };
}

function shortOf(value: number): string {
  return value >= 1e6 ? `${value / 1e6}M` : value >= 1e3 ? `${value / 1e3}k` : textOf(value);
}
