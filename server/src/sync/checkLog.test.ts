import { beforeEach, expect, it } from 'vitest';
import { registerTable, type Id, type JsonObject } from '@cambium/protocol';
import { checkLog } from './checkLog.ts';
import { TestClient, id, testWorld, type Sent, type World } from './testing/world.ts';

let world: World;
let client: TestClient;
let channel: Id;
let topic: Id;
let exercise: Id;
let item: Id;
let file: Id;

registerTable({ name: 'remark', schema: { safeParse: (data) => ({ success: true, data: data as JsonObject }) } });

const other = (table: string, change: Sent): Sent => ({ ...change, table });

/** A channel with every kind of row, moved, copied (the rows of one copy kept apart) and deleted in. */
beforeEach(async () => {
  world = await testWorld();
  client = new TestClient(world.writer, world.owner);
  [channel, topic, exercise, item, file] = [id(), id(), id(), id(), id()];
  const [second, gone] = [id(), id()];
  const announced = {
    checksum: 'c'.repeat(32),
    size: 5,
    name: 'a.pdf',
    file_format: 'pdf',
    preset: 'document',
    contentnode: topic,
  };
  const verdicts = await client.verdicts(
    client.channel(channel, 'Course'),
    client.topic(channel, topic, channel, 'One'),
    client.topic(channel, second, channel, 'Two'),
    client.topic(channel, gone, topic, 'Gone'),
    client.change('CREATED', channel, exercise, { obj: { parent: topic, kind: 'exercise', title: 'Sums' } }),
    other('assessmentitem', client.change('CREATED', channel, item, { obj: { contentnode: exercise, type: 'input' } })),
    other('file', client.change('CREATED', channel, file, { obj: announced })),
    other('contentnode_prerequisite', client.change('CREATED', channel, [second, exercise])),
    client.updated(channel, topic, { description: 'd'.repeat(70_000), 'tags.algebra': true }),
    client.copied(channel, id(), topic, channel),
    client.moved(channel, second, topic, 'left'),
    client.moved(channel, second, topic, 'left'),
    client.updated(channel, second, { title: 'Zwei' }),
    client.deleted(channel, gone),
    client.deleted(channel, gone),
    client.topic(channel, gone, second, 'Back'),
    other('channel', client.change('PUBLISHED', channel, channel)),
  );
  expect(verdicts.filter((verdict) => verdict !== 'applied')).toEqual([]);
});

const run = (sql: string, ...values: unknown[]) => world.connection.raw.prepare(sql).run(...values).changes;

/** Does damage to exactly one row, then says what is found. */
async function damage(sql: string, ...values: unknown[]): Promise<string[]> {
  expect(run(sql, ...values)).toBe(1);
  return checkLog(world.connection.raw);
}

it('finds nothing in an unharmed database, a deleted channel included', async () => {
  expect(await checkLog(world.connection.raw)).toEqual([]);
  expect(await client.verdicts(other('channel', client.deleted(channel, channel)))).toEqual(['applied']);
  expect(await checkLog(world.connection.raw)).toEqual([]);
});

it.each([
  ['a gap', `DELETE FROM change_log WHERE rev = 5`, /rev 5 is missing in the log/],
  [
    'a lost end',
    `DELETE FROM change_log WHERE rev = (SELECT head FROM channel)`,
    /the log ends at rev \d+, the head is/,
  ],
  ['a head that is behind', `UPDATE channel SET head = head - 1`, /the log ends at rev \d+, the head is/],
  ['an entry that is no JSON', `UPDATE change_log SET entry = '{' WHERE rev = 3`, /rev 3 cannot be read/],
  [
    'an entry of another place',
    `UPDATE change_log SET entry = json_set(entry, '$.server_rev', 99) WHERE rev = 3`,
    /the entry at rev 3 says rev 99/,
  ],
  [
    'an entry of no channel',
    `INSERT INTO change_log(channel, rev, prev, entry) VALUES(99, 1, 0, '{}')`,
    /a channel 99 that does not exist/,
  ],
  ['a prev that looks ahead', `UPDATE change_log SET prev = 9 WHERE rev = 9`, /rev 9 names 9 as the rev before it/],
  ['a prev of another row', `UPDATE change_log SET prev = 1 WHERE rev = 9`, /rev 9 names 1 as the last rev of its row/],
  ['the rows of a copy lost', `DELETE FROM copied_rows`, /the rows of copy \d+ are missing/],
  [
    'copied rows without a copy',
    `INSERT INTO copied_rows(channel, rev, rows) VALUES(1, 2000, '')`,
    /rev 2000 belong to no entry/,
  ],
  [
    'an entry that fits no tree',
    `UPDATE change_log SET entry = json_set(entry, '$.parent', 'f') WHERE rev = 2`,
    /rev 2 cannot be replayed/,
  ],
  ['an outcome lost', `DELETE FROM outcome`, /of which no outcome is known/],
  [
    'an outcome of another place',
    `UPDATE outcome SET bodies = replace(bodies, '{"rev":4,"status":"applied","server_rev":4}', '{"rev":4,"status":"applied","server_rev":2}')`,
    /rev 4, which was answered 2/,
  ],
  [
    'an applied change that was answered refused',
    `UPDATE outcome SET bodies = replace(bodies, '{"rev":4,"status":"applied"', '{"rev":4,"status":"rejected"')`,
    /which was answered rejected/,
  ],
  [
    'an outcome that is no JSON',
    `UPDATE outcome SET bodies = replace(bodies, '{"rev":4,', 'x{"rev":4,')`,
    /rev 4 cannot be read/,
  ],
  [
    'an outcome of nothing in the log',
    `INSERT INTO outcome(client, first, last, digests, bodies)
       VALUES(1, 1000, 1000, zeroblob(16), '{"rev":1000,"status":"applied","server_rev":3}')`,
    /rev 1000 was answered applied at 3/,
  ],
  [
    'an outcome of no client',
    `INSERT INTO outcome(client, first, last, digests, bodies) VALUES(77, 1, 1, zeroblob(16), NULL)`,
    /client 77 rev 1 belongs to no client/,
  ],
  ['a change of a forgotten client', `UPDATE client SET last_rev = 3`, /beyond the client's last rev 3/],
  [
    'a change that is in the log twice',
    `UPDATE change_log SET entry = json_set(entry, '$.rev', 2) WHERE rev = 3`,
    /rev 2, which was applied before/,
  ],
  ['a changed column of a node', `UPDATE node SET title = 'else' WHERE title = 'Zwei'`, /has another title/],
  [
    'a changed field of a node',
    `UPDATE node SET fields = json_set(fields, '$.author', 'x') WHERE title = 'Zwei'`,
    /has another author/,
  ],
  ['a rev of a row', `UPDATE node SET rev = 1 WHERE title = 'Zwei'`, /bears rev 1, its last entry is/],
  ['a node lost', `DELETE FROM node WHERE title = 'Back'`, /is in the log, but not stored/],
  [
    'a row too many',
    `INSERT INTO prerequisite(target_node, prerequisite, channel, rev) VALUES('a', 'b', 1, 1)`,
    /contentnode_prerequisite a:b is stored, but its log made none/,
  ],
  ['the name of the channel', `UPDATE channel SET name = 'else'`, /channel \w+ has another name/],
  [
    'another order of siblings',
    `UPDATE node SET lft = last + 1, rgt = last + 2 FROM (SELECT max(rgt) AS last FROM node WHERE depth > 0) WHERE title = 'Zwei'`,
    /stands where the log has/,
  ],
])('finds %s', async (_what, sql, expected) => {
  expect((await damage(sql)).join('\n')).toMatch(expected);
});

it('finds a changed item, a changed file, and a deleted channel that is still there', async () => {
  expect((await damage(`UPDATE assessmentitem SET ord = 7 WHERE id = ?`, item))[0]).toMatch(/has another order/);
  expect((await damage(`UPDATE file SET preset = 'epub' WHERE id = ?`, file)).join('\n')).toMatch(/has another preset/);
  expect((await damage(`UPDATE channel SET deleted = 1`)).join('\n')).toMatch(
    /channel \w+ is in the log, but not stored/,
  );
});

it('tells a hundred findings of a place and counts the rest', async () => {
  for (let n = 0; n < 3; n += 1) {
    await client.send(...Array.from({ length: 50 }, () => client.topic(channel, id(), channel)));
  }
  expect(run(`UPDATE node SET title = 'x'`)).toBeGreaterThan(150);
  const found = await checkLog(world.connection.raw);
  expect(found).toHaveLength(101);
  expect(found.at(-1)).toMatch(/and \d+ more$/);
});

it('misses a checkpoint that a cut log should go on from, and holds what is left of the log', async () => {
  run(`DELETE FROM change_log WHERE rev <= 10`);
  run(`UPDATE channel SET checkpoint = 10`);
  run(`DELETE FROM copied_rows WHERE rev <= 10`);
  expect((await checkLog(world.connection.raw)).join('\n')).toMatch(/checkpoint at rev 10 cannot be read/);
  const found = await damage(`DELETE FROM change_log WHERE rev = 12`);
  expect(found.join('\n')).toMatch(/rev 12 is missing/);
});

it('looks at REST writes too, which no client sent', async () => {
  const write = { type: 'UPDATED', table: 'contentnode', key: topic, channel_id: channel, mods: { title: 'By REST' } };
  const { ok } = await world.writer.commit({
    user: world.owner,
    writes: [write as JsonObject as never],
    authority: 'user',
  });
  expect(ok).toBe(true);
  expect(await checkLog(world.connection.raw)).toEqual([]);
});

it('looks at the rows of an application, whether this process knows their table or not', async () => {
  const [kept, gone] = [id(), id()];
  const remark = (type: string, key: Id, more: JsonObject = {}) =>
    other('remark', client.change(type, channel, key, more));
  expect(
    await client.verdicts(
      remark('CREATED', kept, { obj: { text: 'one', deep: { x: 1 } } }),
      remark('CREATED', gone, { obj: { text: 'two' } }),
      remark('UPDATED', kept, { mods: { 'deep.y': 2 } }),
      remark('DELETED', gone),
    ),
  ).toEqual(['applied', 'applied', 'applied', 'applied']);
  expect(await checkLog(world.connection.raw)).toEqual([]);
  const found = await damage(`UPDATE app_row SET fields = json_set(fields, '$.text', 'else'), rev = 1`);
  expect(found).toEqual([
    `channel ${channel}: app_row ${kept} has another fields than its log made`,
    expect.stringMatching(/bears rev 1, its last entry is/),
  ]);
});
