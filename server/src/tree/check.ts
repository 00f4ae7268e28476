import type { Database } from 'better-sqlite3';

/** A row at which an invariant does not hold. */
export interface Violation {
  rule: string;
  /** What should be true. */
  message: string;
  /** The id of the node, or of the channel where it is the whole tree. */
  id: string;
}

interface Rule {
  rule: string;
  message: string;
  sql: string;
}

const SUMS = `SELECT parent, sum(1 + total_count) AS total, sum((kind <> 'topic') + resource_count) AS resource,
    sum((kind <> 'topic' AND coach = 1) + coach_count) AS coach, sum((complete = 0) + error_count) AS error,
    sum((kind <> 'topic' AND changed = 1 AND published = 1) + updated_count) AS updated,
    sum((kind <> 'topic' AND changed = 1 AND published = 0) + new_count) AS created
  FROM node WHERE parent IS NOT NULL GROUP BY parent`;

const RULES: readonly Rule[] = [
  {
    rule: 'label_range',
    message: 'labels are positive, below 2^53 - 1, and open before they close',
    sql: `SELECT id FROM node WHERE NOT (0 < lft AND lft < rgt AND rgt < 9007199254740991)`,
  },
  {
    rule: 'label_unique',
    message: 'no label occurs twice in a channel',
    sql: `SELECT min(id) AS id FROM (SELECT id, channel, lft AS label FROM node UNION ALL SELECT id, channel, rgt FROM node)
      GROUP BY channel, label HAVING count(*) > 1`,
  },
  {
    rule: 'nesting',
    message: 'a node lies within its parent, in the same channel, one level below it',
    sql: `SELECT c.id FROM node c LEFT JOIN node p ON p.pk = c.parent WHERE c.parent IS NOT NULL
      AND NOT coalesce(p.lft < c.lft AND c.rgt < p.rgt AND p.depth + 1 = c.depth AND p.channel = c.channel, 0)`,
  },
  {
    rule: 'siblings',
    message: 'siblings do not overlap',
    sql: `SELECT id FROM (SELECT id, lft, lag(rgt) OVER (PARTITION BY parent ORDER BY lft) AS before FROM node
      WHERE parent IS NOT NULL) WHERE before >= lft`,
  },
  {
    rule: 'root',
    message: 'a channel has one root, which bears its id, at depth 0',
    sql: `SELECT channel.id FROM channel JOIN node ON node.channel = channel.pk GROUP BY channel.pk
        HAVING sum(parent IS NULL) <> 1 OR sum(parent IS NULL AND node.id = channel.id AND depth = 0) <> 1
      UNION ALL SELECT node.id FROM node WHERE channel NOT IN (SELECT pk FROM channel)`,
  },
  {
    rule: 'counts',
    message: 'counts are those of the descendants',
    sql: `SELECT p.id FROM node p LEFT JOIN (${SUMS}) c ON c.parent = p.pk
      WHERE (p.total_count, p.resource_count, p.coach_count, p.error_count, p.updated_count, p.new_count) IS NOT
        (coalesce(c.total, 0), coalesce(c.resource, 0), coalesce(c.coach, 0), coalesce(c.error, 0),
         coalesce(c.updated, 0), coalesce(c.created, 0))`,
  },
  {
    rule: 'item_count',
    message: 'item_count is the number of assessment items',
    sql: `SELECT id FROM node WHERE item_count <> (SELECT count(*) FROM assessmentitem WHERE contentnode = node.id)`,
  },
  {
    rule: 'coach',
    message: 'the column coach says what role_visibility says',
    sql: `SELECT id FROM node WHERE coach <> (coalesce(fields ->> 'role_visibility', 'learner') = 'coach')`,
  },
];

/** What is left of a deleted channel is being taken out: nobody reads it, and its counts are none any more. */
const LIVES = `NOT EXISTS (SELECT 1 FROM node n JOIN channel c ON c.pk = n.channel WHERE n.id = found.id AND c.deleted = 1)`;

/** Checks every invariant of the trees of all channels; none is violated when the answer is empty. At most `limit` a rule. */
export function checkTree(db: Database, limit = 100): Violation[] {
  return RULES.flatMap(({ rule, message, sql }) =>
    db
      .prepare<[number], { id: string }>(`SELECT id FROM (${sql}) AS found WHERE ${LIVES} LIMIT ?`)
      .all(limit)
      .map(({ id }) => ({ rule, message, id })),
  );
}
