import type { Database } from 'better-sqlite3';
import { Refusal, type Id, type Role } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import { defineCommand } from './command.ts';

/** `by` is who asks: the pk of a user who may, or null when the server itself does. */
interface MemberInput {
  channel: Id;
  user: Id;
  by: number | null;
}

declare module './writer.ts' {
  interface Commands {
    /** Gives or changes a role. Refusals: `not_found` (channel or user), `forbidden` (not an owner), `last_owner`. */
    'member.set': { input: MemberInput & { role: Role }; output: void };
    /** Takes a role away; nothing happens when there is none. The same refusals. */
    'member.remove': { input: MemberInput; output: void };
  }
}

interface Target {
  channel: number;
  user: number;
  role: Role | null;
}

defineCommand('member.set', ({ db, announce }, { channel, user, role, by }) => {
  const at = target(db, channel, user, by);
  if (at.role === role) return;
  if (at.role === 'owner') mustNotBeLast(db, at.channel);
  statement(db, `INSERT OR REPLACE INTO member(channel, user, role) VALUES(?, ?, ?)`).run(at.channel, at.user, role);
  announce({ channel, user, role });
});

defineCommand('member.remove', ({ db, announce }, { channel, user, by }) => {
  const at = target(db, channel, user, by);
  if (at.role === null) return;
  if (at.role === 'owner') mustNotBeLast(db, at.channel);
  statement(db, `DELETE FROM member WHERE channel = ? AND user = ?`).run(at.channel, at.user);
  announce({ channel, user, role: null });
});

/** Rights are asked inside the transaction: two owners who remove each other at once can't both succeed. */
function target(db: Database, channelId: Id, userId: Id, by: number | null): Target {
  const channel = statement<[Id], { pk: number }>(db, `SELECT pk FROM channel WHERE id = ? AND deleted = 0`).get(
    channelId,
  );
  if (!channel) throw new Refusal('not_found');
  if (by !== null && !isAdmin(db, by)) {
    const own = roleOf(db, channel.pk, by);
    if (own === null) throw new Refusal('not_found');
    if (own !== 'owner') throw new Refusal('forbidden');
  }
  const user = statement<[Id], { pk: number }>(db, `SELECT pk FROM user WHERE id = ?`).get(userId);
  if (!user) throw new Refusal('not_found', { message: 'There is no such user.', field: 'user_id' });
  return { channel: channel.pk, user: user.pk, role: roleOf(db, channel.pk, user.pk) };
}

function roleOf(db: Database, channel: number, user: number): Role | null {
  const text = `SELECT role FROM member WHERE channel = ? AND user = ?`;
  return statement<[number, number], { role: Role }>(db, text).get(channel, user)?.role ?? null;
}

function isAdmin(db: Database, user: number): boolean {
  return statement<[number]>(db, `SELECT 1 FROM user WHERE pk = ? AND admin = 1`).get(user) !== undefined;
}

function mustNotBeLast(db: Database, channel: number): void {
  const text = `SELECT count(*) AS owners FROM member WHERE channel = ? AND role = 'owner'`;
  const found = statement<[number], { owners: number }>(db, text).get(channel);
  if ((found?.owners ?? 0) < 2) throw new Refusal('last_owner');
}
