import { type AllFindings, PARTS } from './parts.ts';

/** The document with every block of the parts that were measured put in anew, and the pictures by name. */
export interface Document {
  text: string;
  pictures: Record<string, string>;
}

/**
 * Blocks stand between `<!-- name -->` and `<!-- end -->`. Throws for findings of a part that is not known or whose
 * block the text does not have.
 */
export function documentOf(text: string, all: AllFindings): Document {
  const pictures: Record<string, string> = {};
  for (const [part, findings] of Object.entries(all)) {
    const render = PARTS[part];
    if (!render || !findings) throw new Error(`nobody knows how to show ${part}`);
    const rendered = render(findings, all);
    Object.assign(pictures, rendered.pictures);
    for (const [name, block] of Object.entries(rendered.blocks)) text = withBlock(text, name, block);
  }
  return { text, pictures };
}

function withBlock(text: string, name: string, block: string): string {
  const [open, close] = [`<!-- ${name} -->`, '<!-- end -->'];
  const from = text.indexOf(open);
  const to = text.indexOf(close, from);
  if (from < 0 || to < 0) throw new Error(`there is no place for ${name}`);
  return `${text.slice(0, from + open.length)}\n\n${block}\n\n${text.slice(to)}`;
}
