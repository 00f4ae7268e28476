export const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 32 },
    parent: { type: 'string' },
    kind: { type: 'string' },
    title: { type: 'string' },
    license: { type: 'number' },
    pos: { type: 'string' },
  },
  required: ['id', 'parent', 'kind', 'title', 'license', 'pos'],
};
