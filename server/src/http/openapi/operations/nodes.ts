import { NODE_FILTERS } from '../../../tables/read/node-filter.ts';
import { JSON_BODY, NONE, WRITE, at, type Operation } from '../operation.ts';

const nodeFilters = Object.fromEntries(
  [...NODE_FILTERS.keys()].map((name) => [name, name.endsWith('__in') ? 'A comma list of ids.' : `Nodes by ${name}.`]),
);

/** Content nodes. */
export const NODES: readonly Operation[] = [
  at('get', '/api/contentnode', 'nodes', {
    summary: 'Nodes by at least one filter, a page at a time',
    query: {
      ...nodeFilters,
      max_results: 'From 1 to 100, which is the default.',
      ordering: 'A scalar field, `-` before it for descending; document order (`lft`) by default.',
      cursor: 'As `more` of the page before gave it.',
    },
    answers: { 200: { json: 'NodePage' } },
    refusals: ['filter_required'],
  }),
  at('post', '/api/contentnode', 'nodes', {
    summary: 'Make a node under `parent`, or beside or inside `target`',
    answers: { 201: { json: 'Node' } },
    refusals: [...JSON_BODY, ...WRITE, 'invalid_position', 'root', 'cross_channel', 'too_deep', 'too_many_children'],
    body: 'NewNode',
  }),
  at('get', '/api/contentnode/{id}', 'nodes', {
    summary: 'One node',
    answers: { 200: { json: 'Node' } },
    refusals: ['not_found'],
  }),
  at('patch', '/api/contentnode/{id}', 'nodes', {
    summary: 'Change fields of a node; label maps and tags are laid over what is there',
    answers: { 200: { json: 'Node' } },
    refusals: [...JSON_BODY, ...WRITE],
    body: 'NodeChange',
  }),
  at('delete', '/api/contentnode/{id}', 'nodes', {
    summary: 'Delete a node and its descendants',
    answers: { 204: NONE },
    refusals: [...WRITE, 'root'],
  }),
  at('get', '/api/contentnode/{id}/requisites', 'nodes', {
    summary: "All prerequisite pairs of the node's channel",
    answers: { 200: { json: 'Requisites' } },
    refusals: ['not_found'],
  }),
  at('get', '/api/contentnode/{id}/size', 'nodes', {
    summary: 'Bytes of the distinct files of a whole tree; of roots only',
    answers: { 200: { json: 'Size' } },
    refusals: ['not_found'],
  }),
];
