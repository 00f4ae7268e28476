import type { CambiumClient } from '@cambium/client';
import type { Id } from '@cambium/protocol';
import { readSnapshot } from '../snapshot.ts';
import { difference, pathLines, type PlainNode, replicaLines } from './tree.ts';

/**
 * Holds every replica against the server's tree, order included, and the tree against the expected paths.
 * @returns the first difference as a sentence, or null when all are equal
 */
export async function verify(options: {
  server: string;
  token: string;
  channel: Id;
  replicas: CambiumClient[];
  expected: string[] | null;
}): Promise<string | null> {
  const { nodes } = await readSnapshot(options.server, options.token, options.channel);
  const want = replicaLines(nodes);
  for (const [i, replica] of options.replicas.entries()) {
    const shown: PlainNode[] = [];
    for await (const node of replica.rows(options.channel)) shown.push(node);
    const wrong = difference(replicaLines(shown), want, `the tree of client ${i + 1}`);
    if (wrong !== null) return wrong;
  }
  return options.expected === null ? null : difference(pathLines(nodes), options.expected, 'the tree');
}
