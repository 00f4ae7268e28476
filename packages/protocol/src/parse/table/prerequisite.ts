import type { PrerequisiteRow } from '../../row.ts';
import { closed, initial, type FieldsOf } from '../field.ts';
import * as v from '../value.ts';
import { fieldMap, type TableDefinition } from './definition.ts';

const fields: FieldsOf<PrerequisiteRow> = {
  target_node: initial(v.id),
  prerequisite: initial(v.id),
  channel_id: closed(v.id),
};

export const prerequisiteTable: TableDefinition = {
  types: ['CREATED', 'DELETED'],
  key: 'pair',
  fields: { user: fieldMap(fields), system: fieldMap(fields) },
  required: { user: [], system: [] },
  bare: true,
  finish(obj, { key: [target, prerequisite] }, problems) {
    if ((obj.target_node ?? target) !== target) problems.invalid('target_node', 'It is not the first id of the key.');
    if ((obj.prerequisite ?? prerequisite) !== prerequisite)
      problems.invalid('prerequisite', 'It is not the second id of the key.');
    obj.target_node = target as string;
    obj.prerequisite = prerequisite as string;
  },
};
