import type { ItemRow } from '../../row.ts';
import { closed, initial, open, type FieldsOf } from '../field.ts';
import * as v from '../value.ts';
import { fieldMap, type TableDefinition } from './definition.ts';

const words = open(v.orBlank(v.text, ''));
const list = open(v.orBlank(v.list, []));

const fields: FieldsOf<ItemRow> = {
  id: closed(v.id),
  channel_id: closed(v.id),
  contentnode: initial(v.id),
  assessment_id: initial(v.id),
  type: words,
  question: words,
  answers: list,
  hints: list,
  order: open(v.orBlank(v.whole(Number.MIN_SAFE_INTEGER, 'It must be a whole number.'), 0)),
  randomize: open(v.orBlank(v.flag, false)),
  raw_data: words,
  source_url: open(v.orNull(v.text)),
  modified: closed(v.timestamp),
};

export const itemTable: TableDefinition = {
  types: ['CREATED', 'UPDATED', 'DELETED'],
  key: 'id',
  fields: { user: fieldMap(fields), system: fieldMap(fields) },
  required: { user: ['contentnode'], system: ['contentnode'] },
};
