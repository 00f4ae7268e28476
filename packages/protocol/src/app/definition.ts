import { closed, open, type Field } from '../parse/field.ts';
import { fieldMap, type TableDefinition } from '../parse/table/definition.ts';
import * as v from '../parse/value.ts';

const FIELD_NAME = /^[a-z][a-z0-9_]{0,62}$/i;

const engines = fieldMap({
  id: closed(v.id),
  channel_id: closed(v.id),
  created_by: closed(v.id),
  modified: closed(v.timestamp),
});
const any = open(v.anything, v.insideObject) as Field;

/** What the wire allows of every application's table; its own schema judges the row. */
export const appTableDefinition: TableDefinition = {
  types: ['CREATED', 'UPDATED', 'DELETED'],
  key: 'id',
  fields: { user: engines, system: engines },
  required: { user: [], system: [] },
  others: (name) => (FIELD_NAME.test(name) ? any : undefined),
};
