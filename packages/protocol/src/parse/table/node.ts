import { LIMITS } from '../../limit.ts';
import type { NodeRow } from '../../row.ts';
import { KINDS } from '../../vocabulary/kind.ts';
import { isLicenseId } from '../../vocabulary/license.ts';
import { closed, initial, open, type Field, type FieldsOf } from '../field.ts';
import { labels, tags } from '../nameSet.ts';
import * as v from '../value.ts';
import { fieldMap, type TableDefinition } from './definition.ts';

const license = v.whole(1, 'There is no such licence.').refine(isLicenseId, { error: 'There is no such licence.' });
const provenance = v.orNull(v.id);
const prose = open(v.orBlank(v.text, ''));

const fields: FieldsOf<NodeRow> = {
  id: closed(v.id),
  channel_id: closed(v.id),
  parent_id: closed(v.orNull(v.id)),
  kind: initial(v.oneOf(KINDS)),
  title: open(v.orBlank(v.textUpTo(LIMITS.title), '')),
  description: prose,
  language: open(v.orNull(v.language)),
  license: open(v.orNull(license)),
  license_description: open(v.orNull(v.textUpTo(LIMITS.licenseDescription))),
  copyright_holder: prose,
  author: prose,
  provider: prose,
  aggregator: prose,
  role_visibility: open(v.orBlank(v.oneOf(['learner', 'coach']), 'learner')),
  thumbnail_encoding: open(v.orNull(v.objectOrText), v.insideObject),
  extra_fields: open(v.orBlank(v.object, {}), v.insideObject),
  suggested_duration: open(v.orNull(v.whole(0, 'It must be a whole number of seconds, 0 or more.'))),
  tags,
  grade_levels: labels,
  resource_types: labels,
  learning_activities: labels,
  accessibility_labels: labels,
  categories: labels,
  learner_needs: labels,
  node_id: initial(v.id),
  content_id: initial(v.id),
  original_channel_id: closed(provenance),
  original_source_node_id: closed(provenance),
  source_channel_id: closed(provenance),
  source_node_id: closed(provenance),
  complete: open(v.orBlank(v.flag, false)),
  changed: open(v.orBlank(v.flag, false)),
  published: closed(v.flag),
  modified: closed(v.timestamp),
};

/** What readers see of a node besides its row: known names, never anybody's to set. */
const DERIVED = [
  'root_id',
  'lft',
  'rght',
  'rgt',
  'tree_id',
  'depth',
  'level',
  'total_count',
  'resource_count',
  'coach_count',
  'error_count',
  'assessment_item_count',
  'has_children',
  'has_updated_descendants',
  'has_new_descendants',
  'original_channel_name',
  'original_node_id',
  'original_parent_id',
  'thumbnail_checksum',
  'thumbnail_extension',
  'thumbnail_src',
  'created',
];
const derived: Record<string, Field<unknown>> = Object.fromEntries(DERIVED.map((name) => [name, closed(v.text)]));

const user = { ...derived, ...fields, parent: initial(v.id) };

export const nodeTable: TableDefinition = {
  types: ['CREATED', 'UPDATED', 'MOVED', 'COPIED', 'DELETED'],
  key: 'id',
  fields: {
    user: fieldMap(user),
    system: fieldMap({
      ...user,
      content_id: open(v.id),
      published: open(v.flag),
      original_channel_id: initial(provenance),
      original_source_node_id: initial(provenance),
      source_channel_id: initial(provenance),
      source_node_id: initial(provenance),
    }),
  },
  required: { user: ['kind'], system: ['kind'] },
  finish(obj) {
    obj.title ??= '';
  },
};
