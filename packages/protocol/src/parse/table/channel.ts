import { LIMITS } from '../../limit.ts';
import type { ChannelRow } from '../../row.ts';
import { closed, open, type FieldsOf } from '../field.ts';
import * as v from '../value.ts';
import { fieldMap, type TableDefinition } from './definition.ts';

const fields: FieldsOf<ChannelRow> = {
  id: closed(v.id),
  name: open(v.orBlank(v.textUpTo(LIMITS.title), '')),
  description: open(v.orBlank(v.text, '')),
  language: open(v.orNull(v.language)),
  thumbnail: open(v.orNull(v.text)),
  thumbnail_encoding: open(v.orNull(v.objectOrText), v.insideObject),
  content_defaults: open(v.orBlank(v.object, {}), v.insideObject),
  published: closed(v.flag),
  version: closed(v.whole(0, 'It must be a whole number.')),
  last_published: closed(v.orNull(v.timestamp)),
  created: closed(v.timestamp),
  modified: closed(v.timestamp),
};

export const channelTable: TableDefinition = {
  types: ['CREATED', 'UPDATED', 'DELETED', 'PUBLISHED'],
  key: 'id',
  fields: { user: fieldMap(fields), system: fieldMap(fields) },
  required: { user: ['name'], system: ['name'] },
};
