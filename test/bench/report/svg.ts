/** Ink and paper of a picture, readable on a light page and on a dark one; the first series is ours. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 14px }
  .small { font-size: 11px; fill: #59636e }
  .axis { stroke: #8b949e; stroke-width: 1; fill: none }
  .grid { stroke: #8b949e; stroke-opacity: .25; stroke-width: 1 }
  .spread { stroke: #1f2328; stroke-width: 1.2 }
  .line { fill: none; stroke-width: 2.2 }
  .s0 { fill: #1a7f37; stroke: #1a7f37 } .s1 { fill: #6fbf86; stroke: #6fbf86 } .s2 { fill: #0969da; stroke: #0969da }
  .s3 { fill: #bc4c00; stroke: #bc4c00 } .s4 { fill: #8250df; stroke: #8250df } .s5 { fill: #bf8700; stroke: #bf8700 }
  .s6 { fill: #57606a; stroke: #57606a }
  text.s0, text.s1, text.s2, text.s3, text.s4, text.s5, text.s6 { stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .spread { stroke: #e6edf3 }
    .s0 { fill: #3fb950; stroke: #3fb950 } .s1 { fill: #2f6f41; stroke: #2f6f41 } .s2 { fill: #58a6ff; stroke: #58a6ff }
    .s3 { fill: #f0883e; stroke: #f0883e } .s4 { fill: #bc8cff; stroke: #bc8cff } .s5 { fill: #d9a520; stroke: #d9a520 }
    .s6 { fill: #8b949e; stroke: #8b949e }
  }`;

/** Series beyond this have no colour of their own. */
export const SERIES = 7;

/** A whole picture; `title` is what is read aloud in its place. */
export function svg(width: number, height: number, title: string, content: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">`,
    `<style>${STYLE}\n</style>`,
    ...content,
    '</svg>\n',
  ].join('\n');
}

export function text(x: number, y: number, content: string, kind = '', anchor: 'start' | 'middle' | 'end' = 'start') {
  const attributes = `${kind ? ` class="${kind}"` : ''}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}`;
  return `<text x="${at(x)}" y="${at(y)}"${attributes}>${escape(content)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${kind}"/>`;
}

/** A place in the picture; what is no number would be drawn nowhere, and nobody would see that it is missing. */
export function at(place: number): string {
  if (!Number.isFinite(place)) throw new Error(`${place} is no place in a picture`);
  return String(Math.round(place * 10) / 10);
}

function escape(content: string): string {
  return content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
