import { Author, CHANNEL } from '../../tree/author.ts';

/** The course of models.ts, with what each kind of tree keeps: the path from the root, and dense ends. */
export function courseOf(count) {
  const author = new Author(7);
  const nodes = [{ id: CHANNEL, kind: 'topic', path: [CHANNEL] }];
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const { row, parent } of author.course(count - 1)) {
    const node = { id: row.id, kind: row.kind, path: [...byId.get(parent).path, row.id] };
    nodes.push(node);
    byId.set(row.id, node);
  }
  number(nodes);
  const sections = nodes.filter(({ path }) => path.length === 2).map(({ id }) => id);
  // Sections go below topics of the last two, which stay where they are.
  const last = new Set(sections.splice(-2));
  const groups = nodes.filter(({ path }) => path.length === 3 && last.has(path[1])).map(({ id }) => id);
  return { nodes, root: CHANNEL, sections, groups, topics: author.topics, leaves: author.leaves };
}

/** They are in document order, so a node ends where the next one begins that is no deeper. */
function number(nodes) {
  let end = 0;
  const open = [];
  const close = (depth) => {
    while (open.length > depth) open.pop().right = end += 1;
  };
  for (const node of nodes) {
    close(node.path.length - 1);
    node.left = end += 1;
    open.push(node);
  }
  close(0);
}
