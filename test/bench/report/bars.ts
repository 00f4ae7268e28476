import { type Figure, textOf } from './figure.ts';
import { at, line, SERIES, svg, text } from './svg.ts';

export interface Bar {
  label: string;
  figure: Figure;
  /** Which colour. */
  series: number;
}

export interface BarGroup {
  name: string;
  bars: readonly Bar[];
}

const [WIDTH, LABELS, VALUES, ROW, TOP] = [760, 190, 90, 19, 44];

/** Horizontal bars in groups, one scale for all, each with its value and its spread. */
export function barPicture(title: string, unit: string, groups: readonly BarGroup[]): string {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ figure }) => figure.high)));
  const scale = (WIDTH - LABELS - VALUES) / most;
  const content = [text(0, 16, title, 'title'), text(0, 33, unit, 'small')];
  let y = TOP;
  for (const { name, bars } of groups) {
    content.push(text(0, y + 14, name, 'title'));
    y += ROW + 3;
    for (const { label, figure, series } of bars) {
      const length = figure.median * scale;
      const end = LABELS + Math.max(length, figure.high * scale);
      content.push(
        text(LABELS - 8, y + 13, label, '', 'end'),
        `<rect x="${LABELS}" y="${at(y + 2)}" width="${at(length)}" height="${ROW - 5}" rx="2" class="s${series % SERIES}"/>`,
        text(end + 6, y + 13, textOf(figure.median)),
      );
      if (figure.runs > 1)
        content.push(line(LABELS + figure.low * scale, y + 9, LABELS + figure.high * scale, y + 9, 'spread'));
      y += ROW;
    }
    y += 8;
  }
  return svg(WIDTH, y, title, content);
}
