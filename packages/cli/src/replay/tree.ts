import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { text } from 'node:stream/consumers';

/** A node as far as histories go: who it is, where it stands, what file it stands for. */
export interface PlainNode {
  id: string;
  parent_id: string | null;
  kind: string;
  title: string;
  extra_fields: unknown;
}

/** Nodes in document order as lines, by which two replicas of one channel are compared: order and shape included. */
export function replicaLines(nodes: Iterable<PlainNode>): string[] {
  const lines: string[] = [];
  for (const node of nodes)
    lines.push(`${node.id} ${node.parent_id ?? '-'} ${JSON.stringify(node.title)} ${JSON.stringify(sourceOf(node))}`);
  return lines;
}

/** Paths of a tree with what stands there, sorted, as they are compared with git: a topic ends with a slash. */
export function pathLines(nodes: Iterable<PlainNode>): string[] {
  const paths = new Map<string | null, string>();
  const lines: string[] = [];
  for (const node of nodes) {
    if (node.parent_id === null) {
      paths.set(node.id, '');
      continue;
    }
    const path = `${paths.get(node.parent_id) ?? '?/'}${node.title}`;
    paths.set(node.id, `${path}/`);
    lines.push(node.kind === 'topic' ? `${path}/` : `${path}\t${sourceOf(node)?.size ?? '?'}`);
  }
  return lines.sort();
}

function sourceOf(node: PlainNode): { size?: number; sha?: string; kind?: string } | undefined {
  return (node.extra_fields as { source?: { size?: number } } | null)?.source;
}

/** The lines that a list of files (path → size) must give: every folder on the way is a topic. */
export function fileLines(files: Map<string, number>): string[] {
  const lines = new Set<string>();
  for (const [path, size] of files) {
    lines.add(`${path}\t${size}`);
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
      lines.add(path.slice(0, slash + 1));
  }
  return [...lines].sort();
}

interface FinalNode {
  title: string;
  kind: string;
  size?: number;
  children?: FinalNode[];
}

/** The lines of a `FINAL.json.gz`. */
export async function finalLines(path: string): Promise<string[]> {
  const source = createReadStream(path);
  const { tree } = JSON.parse(await text(path.endsWith('.gz') ? source.pipe(createGunzip()) : source)) as {
    tree: FinalNode;
  };
  const lines: string[] = [];
  const walk = (node: FinalNode, prefix: string): void => {
    for (const child of node.children ?? []) {
      lines.push(child.kind === 'topic' ? `${prefix}${child.title}/` : `${prefix}${child.title}\t${child.size ?? 0}`);
      walk(child, `${prefix}${child.title}/`);
    }
  };
  walk(tree, '');
  return lines.sort();
}

/** The first difference of two lists as a sentence, or null when they are equal. */
export function difference(got: string[], want: string[], what: string): string | null {
  for (let i = 0; i < Math.max(got.length, want.length); i += 1) {
    if (got[i] !== want[i])
      return `${what} differs at line ${i + 1} of ${want.length}: ${got[i] ?? 'nothing'} instead of ${want[i] ?? 'nothing'}`;
  }
  return null;
}
