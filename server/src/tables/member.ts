import type { Database } from 'better-sqlite3';
import type { Id, Role } from '@cambium/protocol';
import { statement } from '../database/statement.ts';
import type { ChannelTable } from './channel.ts';
import type { Journal } from './journal.ts';

/** Who reads or writes, as far as rights go. */
export interface Author {
  pk: number;
  id: Id;
  admin: boolean;
}

const ROLE = `SELECT role FROM member WHERE channel = ? AND user = ?`;
const USERS = `SELECT u.id FROM member m JOIN user u ON u.pk = m.user WHERE m.channel = ?`;
const INSERT = `INSERT INTO member(channel, user, role) VALUES(?, ?, 'owner')`;

/** Roles during one batch: those of the database, and the owners of channels that the batch makes. */
export class MemberTable {
  readonly #db: Database;
  readonly #channels: ChannelTable;
  readonly #journal: Journal;
  readonly #made = new Map<Id, Author>();
  /** Channels that the batch deletes: nobody has a role there any more, though who had one is kept. */
  readonly #ended = new Set<Id>();
  readonly #known = new Map<string, Role | null>();

  constructor(db: Database, channels: ChannelTable, journal: Journal) {
    this.#db = db;
    this.#channels = channels;
    this.#journal = journal;
  }

  addOwner(channel: Id, author: Author): void {
    this.#made.set(channel, author);
    this.#journal.record(() => this.#made.delete(channel));
  }

  /** Null where the author has none, or there is no such channel. The administrator is an owner everywhere. */
  roleOf(channel: Id, author: Author): Role | null {
    if (this.#channels.row(channel) === undefined) return null;
    return author.admin ? 'owner' : this.#role(channel, author);
  }

  mayView(channel: Id, author: Author): boolean {
    return this.roleOf(channel, author) !== null;
  }

  mayEdit(channel: Id, author: Author): boolean {
    const role = this.roleOf(channel, author);
    return role === 'editor' || role === 'owner';
  }

  /** What only an owner may: to delete the channel. */
  mayDelete(channel: Id, author: Author): boolean {
    return this.roleOf(channel, author) === 'owner';
  }

  end(channel: Id): void {
    this.#ended.add(channel);
    this.#journal.record(() => this.#ended.delete(channel));
  }

  /** Roles that this batch gave or took away. To be asked after `flush`. */
  changes(): { channel: Id; user: Id; role: Role | null }[] {
    const given = [...this.#made].map(([channel, author]) => ({ channel, user: author.id, role: 'owner' as const }));
    const users = statement<[number], { id: Id }>(this.#db, USERS);
    const taken = [...this.#ended].flatMap((channel) =>
      users.all(this.#channels.channelPk(channel)).map((user) => ({ channel, user: user.id, role: null })),
    );
    return [...given, ...taken];
  }

  /** After the channels themselves were written. */
  flush(): void {
    for (const [channel, author] of this.#made) {
      statement(this.#db, INSERT).run(this.#channels.channelPk(channel), author.pk);
    }
  }

  #role(channel: Id, author: Author): Role | null {
    if (this.#made.get(channel)?.pk === author.pk) return 'owner';
    const at = `${author.pk}:${channel}`;
    const known = this.#known.get(at);
    if (known !== undefined) return known;
    const pk = this.#channels.channelPk(channel);
    const role = statement<[number, number], { role: Role }>(this.#db, ROLE).get(pk, author.pk)?.role ?? null;
    this.#known.set(at, role);
    return role;
  }
}
