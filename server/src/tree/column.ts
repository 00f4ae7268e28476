/** Groups of columns that are written together; a mask is their sum, and flush writes no more than the mask says. */
export const COLUMN = {
  parent: 1,
  depth: 2,
  labels: 4,
  /** `rgt` alone stands in no index. */
  rgt: 8,
  flags: 16,
  stamp: 32,
  title: 64,
  fields: 128,
  items: 256,
  counts: 512,
  /** Those of the row besides its place and its counts. */
  content: 16 + 32 + 64 + 128 + 256,
} as const;

/** In the order in which flush binds the values. */
const ASSIGNMENTS: readonly [mask: number, sql: string][] = [
  [COLUMN.parent, 'parent = ?'],
  [COLUMN.depth, 'depth = ?'],
  [COLUMN.labels, 'lft = ?, rgt = ?'],
  [COLUMN.rgt, 'rgt = ?'],
  [COLUMN.flags, 'complete = ?, changed = ?, published = ?, coach = ?'],
  [COLUMN.stamp, 'modified = ?, rev = ?'],
  [COLUMN.title, 'title = ?'],
  [COLUMN.fields, 'fields = ?'],
  [COLUMN.items, 'item_count = ?'],
  [
    COLUMN.counts,
    `total_count = total_count + ?, resource_count = resource_count + ?, coach_count = coach_count + ?,
     error_count = error_count + ?, updated_count = updated_count + ?, new_count = new_count + ?`,
  ],
];

export function update(mask: number): string {
  const assignments = ASSIGNMENTS.filter(([column]) => (mask & column) !== 0).map(([, sql]) => sql);
  return `UPDATE node SET ${assignments.join(', ')} WHERE pk = ?`;
}
