import type { Kysely, Migration, MigrationProvider } from 'kysely';
import { sql } from 'kysely';

/** Every statement of the first schema. STRICT and CHECK cost nothing measurable and catch bugs at their source. */
const FIRST = [
  `CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE user(pk INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, username TEXT NOT NULL UNIQUE, admin INTEGER NOT NULL DEFAULT 0,
     disabled INTEGER NOT NULL DEFAULT 0, storage_limit INTEGER NOT NULL, created TEXT NOT NULL) STRICT`,
  `CREATE TABLE token(hash BLOB PRIMARY KEY, user INTEGER NOT NULL REFERENCES user(pk), created TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE channel(pk INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, head INTEGER NOT NULL DEFAULT 0, checkpoint INTEGER NOT NULL DEFAULT 0,
     deleted INTEGER NOT NULL DEFAULT 0, name TEXT NOT NULL, fields TEXT NOT NULL, rev INTEGER NOT NULL DEFAULT 0) STRICT`,
  `CREATE TABLE member(channel INTEGER NOT NULL REFERENCES channel(pk), user INTEGER NOT NULL REFERENCES user(pk),
     role TEXT NOT NULL CHECK(role IN ('viewer','editor','owner')), PRIMARY KEY(channel, user)) STRICT, WITHOUT ROWID`,
  `CREATE INDEX member_user ON member(user)`,
  `CREATE TABLE client(pk INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES user(pk), client_id TEXT NOT NULL, acked_rev INTEGER NOT NULL DEFAULT 0,
     last_rev INTEGER NOT NULL DEFAULT 0, seen TEXT NOT NULL, UNIQUE(user, client_id)) STRICT`,
  `CREATE TABLE outcome(client INTEGER NOT NULL, rev INTEGER NOT NULL, digest BLOB NOT NULL, body TEXT, PRIMARY KEY(client, rev)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE change_log(channel INTEGER NOT NULL, rev INTEGER NOT NULL, prev INTEGER NOT NULL, entry TEXT NOT NULL, PRIMARY KEY(channel, rev)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE copied_rows(channel INTEGER NOT NULL, rev INTEGER NOT NULL, rows TEXT NOT NULL, PRIMARY KEY(channel, rev)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE tombstone(id TEXT PRIMARY KEY, table_name TEXT NOT NULL, channel INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE node(pk INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, channel INTEGER NOT NULL, parent INTEGER, lft INTEGER NOT NULL, rgt INTEGER NOT NULL,
     depth INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, complete INTEGER NOT NULL, changed INTEGER NOT NULL, published INTEGER NOT NULL,
     coach INTEGER NOT NULL, modified TEXT NOT NULL, rev INTEGER NOT NULL, fields TEXT NOT NULL, total_count INTEGER NOT NULL DEFAULT 0,
     resource_count INTEGER NOT NULL DEFAULT 0, coach_count INTEGER NOT NULL DEFAULT 0, error_count INTEGER NOT NULL DEFAULT 0,
     updated_count INTEGER NOT NULL DEFAULT 0, new_count INTEGER NOT NULL DEFAULT 0, item_count INTEGER NOT NULL DEFAULT 0,
     CHECK(0 < lft AND lft < rgt AND rgt < 9007199254740991)) STRICT`,
  // Not unique and none on rgt: an in-place relabel would collide on the way, and neighbours are found without it.
  `CREATE INDEX node_channel_lft ON node(channel, lft)`,
  `CREATE INDEX node_parent_lft ON node(parent, lft)`,
  `CREATE TABLE prerequisite(target_node TEXT NOT NULL, prerequisite TEXT NOT NULL, channel INTEGER NOT NULL, rev INTEGER NOT NULL,
     PRIMARY KEY(target_node, prerequisite)) STRICT, WITHOUT ROWID`,
  `CREATE INDEX prerequisite_other ON prerequisite(prerequisite)`,
  `CREATE INDEX prerequisite_channel ON prerequisite(channel)`,
  `CREATE TABLE assessmentitem(pk INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, channel INTEGER NOT NULL, contentnode TEXT NOT NULL, ord INTEGER NOT NULL,
     rev INTEGER NOT NULL, modified TEXT NOT NULL, fields TEXT NOT NULL) STRICT`,
  `CREATE INDEX assessmentitem_node ON assessmentitem(contentnode, ord)`,
  `CREATE INDEX assessmentitem_channel ON assessmentitem(channel)`,
  `CREATE TABLE file(pk INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, channel INTEGER, contentnode TEXT, assessment_item TEXT, checksum TEXT NOT NULL,
     sha256 TEXT, file_size INTEGER, file_format TEXT NOT NULL, preset TEXT, language TEXT, original_filename TEXT NOT NULL, duration INTEGER,
     uploaded_by INTEGER NOT NULL, uploaded INTEGER NOT NULL, mime_type TEXT NOT NULL, url TEXT, modified TEXT NOT NULL, rev INTEGER NOT NULL) STRICT`,
  `CREATE INDEX file_node ON file(contentnode) WHERE contentnode IS NOT NULL`,
  `CREATE INDEX file_item ON file(assessment_item) WHERE assessment_item IS NOT NULL`,
  `CREATE INDEX file_channel ON file(channel) WHERE channel IS NOT NULL`,
  `CREATE INDEX file_sha256 ON file(sha256)`,
  `CREATE INDEX file_checksum ON file(checksum)`,
  // Quotas are read from the index alone, and the sweeper finds what waits for its bytes.
  `CREATE INDEX file_user ON file(uploaded_by, uploaded, sha256, file_size)`,
  `CREATE INDEX file_waiting ON file(modified) WHERE uploaded = 0`,
  `CREATE TABLE blob(sha256 TEXT PRIMARY KEY, md5 TEXT NOT NULL, size INTEGER NOT NULL, stored TEXT NOT NULL, condemned TEXT) STRICT, WITHOUT ROWID`,
  `CREATE TABLE upload(id TEXT PRIMARY KEY, user INTEGER NOT NULL, file TEXT NOT NULL, state TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER,
     metadata TEXT NOT NULL, expires TEXT NOT NULL, created TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE INDEX upload_file ON upload(file)`,
  `CREATE INDEX upload_user ON upload(user, state)`,
  `CREATE INDEX upload_state ON upload(state, expires)`,
  `CREATE TABLE idempotency(user INTEGER NOT NULL, key TEXT NOT NULL, digest BLOB NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, expires TEXT NOT NULL,
     PRIMARY KEY(user, key)) STRICT, WITHOUT ROWID`,
];

/** Rows of the tables that applications register, all in one; and the answers that are given again under their key. */
const APP_ROWS = [
  `CREATE TABLE app_row(pk INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, channel INTEGER NOT NULL, table_name TEXT NOT NULL, rev INTEGER NOT NULL,
     modified TEXT NOT NULL, fields TEXT NOT NULL) STRICT`,
  `CREATE INDEX app_row_channel ON app_row(channel)`,
  `ALTER TABLE idempotency ADD COLUMN answer TEXT`,
];

/** What the bytes of pictures, sounds and films say of themselves; found out again when it is lost. */
const MEDIA = [
  `CREATE TABLE media(sha256 TEXT PRIMARY KEY, kind TEXT NOT NULL, width INTEGER, height INTEGER, duration REAL, thumbhash TEXT) STRICT, WITHOUT ROWID`,
];

/**
 * What the other file APIs know of a file beside its row. Every stored file has facts from the moment it is stored,
 * whichever API it came by, and every user an item that holds the files which were put into none.
 */
const DIALECTS = [
  `CREATE TABLE omeka_item(id INTEGER PRIMARY KEY AUTOINCREMENT, owner INTEGER NOT NULL REFERENCES user(pk), home INTEGER NOT NULL,
     public INTEGER NOT NULL, featured INTEGER NOT NULL, added TEXT NOT NULL, modified TEXT NOT NULL) STRICT`,
  `CREATE UNIQUE INDEX omeka_home ON omeka_item(owner) WHERE home = 1`,
  `CREATE TABLE omeka_text(record TEXT NOT NULL CHECK(record IN ('file','item')), number INTEGER NOT NULL, ord INTEGER NOT NULL,
     element INTEGER NOT NULL, html INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY(record, number, ord)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE file_facts(number INTEGER PRIMARY KEY AUTOINCREMENT, file TEXT NOT NULL UNIQUE, added TEXT NOT NULL, alt_text TEXT,
     shown_name TEXT, item INTEGER, ord INTEGER, edited TEXT) STRICT`,
  `CREATE INDEX file_facts_item ON file_facts(item)`,
  `CREATE TABLE content_facts(sha256 TEXT PRIMARY KEY, xxh3 TEXT, mime TEXT, type_os TEXT, metadata TEXT) STRICT, WITHOUT ROWID`,
  `CREATE TABLE learnosity_consumer(key TEXT PRIMARY KEY, secret TEXT NOT NULL, organisation INTEGER NOT NULL, domain TEXT NOT NULL,
     owner INTEGER NOT NULL REFERENCES user(pk), created TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE learnosity_asset(organisation INTEGER NOT NULL, subkey TEXT NOT NULL, file TEXT NOT NULL, type TEXT NOT NULL,
     PRIMARY KEY(organisation, subkey)) STRICT, WITHOUT ROWID`,
  `CREATE TRIGGER omeka_home_of_user AFTER INSERT ON user BEGIN
     INSERT INTO omeka_item(owner, home, public, featured, added, modified) VALUES(NEW.pk, 1, 0, 0, NEW.created, NEW.created);
   END`,
  `INSERT INTO omeka_item(owner, home, public, featured, added, modified) SELECT pk, 1, 0, 0, created, created FROM user ORDER BY pk`,
  ...['AFTER INSERT ON file', 'AFTER UPDATE OF uploaded ON file'].map(
    (event, index) => `CREATE TRIGGER facts_of_file_${index} ${event} WHEN NEW.uploaded = 1 BEGIN
     INSERT INTO file_facts(file, added, item) SELECT NEW.id, NEW.modified, i.id FROM omeka_item i
       WHERE i.owner = NEW.uploaded_by AND i.home = 1 AND NOT EXISTS (SELECT 1 FROM file_facts WHERE file = NEW.id);
   END`,
  ),
  `CREATE TRIGGER facts_of_content AFTER DELETE ON blob BEGIN DELETE FROM content_facts WHERE sha256 = OLD.sha256; END`,
  `INSERT INTO file_facts(file, added, item) SELECT f.id, f.modified, i.id FROM file f JOIN omeka_item i ON i.owner = f.uploaded_by AND i.home = 1
     WHERE f.uploaded = 1 ORDER BY f.pk`,
];

/**
 * The words of nodes, without the texts themselves: `rowid` is `node.pk`, and what a node no longer says is replaced
 * when its row is written again. `search_state.rev` is the entry of the channel's log up to which it was brought.
 */
const SEARCH = [
  `CREATE VIRTUAL TABLE search USING fts5(title, description, tags, content='', contentless_delete=1,
     tokenize="unicode61 remove_diacritics 2")`,
  `CREATE TABLE search_state(channel INTEGER PRIMARY KEY, rev INTEGER NOT NULL, part INTEGER NOT NULL) STRICT`,
];

/** Rows as they were at a checkpoint of the log, and who still needs the log after which rev. */
const CHECKPOINTS = [
  `CREATE TABLE checkpoint(channel INTEGER NOT NULL, rev INTEGER NOT NULL, made TEXT NOT NULL, PRIMARY KEY(channel, rev)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE checkpoint_rows(channel INTEGER NOT NULL, rev INTEGER NOT NULL, part INTEGER NOT NULL, rows BLOB NOT NULL,
     PRIMARY KEY(channel, rev, part)) STRICT`,
  `CREATE TABLE snapshot_hold(channel INTEGER NOT NULL, rev INTEGER NOT NULL, until TEXT NOT NULL, PRIMARY KEY(channel, rev)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE cursor(channel INTEGER NOT NULL, user INTEGER NOT NULL, client_id TEXT NOT NULL, rev INTEGER NOT NULL, seen TEXT NOT NULL,
     PRIMARY KEY(channel, user, client_id)) STRICT, WITHOUT ROWID`,
];

/** A file that goes takes along what the other file APIs said of it; before, that stayed behind for ever. */
const FACTS_GO = [
  `CREATE INDEX learnosity_asset_file ON learnosity_asset(file)`,
  `CREATE TRIGGER facts_go_with_file AFTER DELETE ON file BEGIN
     DELETE FROM omeka_text WHERE record = 'file' AND number = (SELECT number FROM file_facts WHERE file = OLD.id);
     DELETE FROM file_facts WHERE file = OLD.id;
     DELETE FROM learnosity_asset WHERE file = OLD.id;
   END`,
  `DELETE FROM file_facts WHERE file NOT IN (SELECT id FROM file)`,
  `DELETE FROM omeka_text WHERE record = 'file' AND number NOT IN (SELECT number FROM file_facts)`,
  `DELETE FROM learnosity_asset WHERE file NOT IN (SELECT id FROM file)`,
];

/** One row for all outcomes of a batch: a row for each cost a twentieth of a change. Those that are there stay alone. */
const OUTCOME_RUNS = [
  `CREATE TABLE outcome_run(client INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, digests BLOB NOT NULL, bodies TEXT,
     PRIMARY KEY(client, first), CHECK(length(digests) = 16 * (last - first + 1))) STRICT, WITHOUT ROWID`,
  `INSERT INTO outcome_run(client, first, last, digests, bodies) SELECT client, rev, rev, digest, body FROM outcome ORDER BY client, rev`,
  `DROP TABLE outcome`,
  `ALTER TABLE outcome_run RENAME TO outcome`,
];

async function execute(db: Kysely<unknown>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const MIGRATIONS: Record<string, Migration> = {
  '0001_first': { up: (db) => execute(db, FIRST) },
  '0002_app_rows': { up: (db) => execute(db, APP_ROWS) },
  '0003_media': { up: (db) => execute(db, MEDIA) },
  '0004_dialects': { up: (db) => execute(db, DIALECTS) },
  '0005_search': { up: (db) => execute(db, SEARCH) },
  '0006_checkpoints': { up: (db) => execute(db, CHECKPOINTS) },
  '0007_facts_go': { up: (db) => execute(db, FACTS_GO) },
  '0008_outcome_runs': { up: (db) => execute(db, OUTCOME_RUNS) },
};

/** Migrations live in code, so that a packed server needs no files beside it. */
export const migrations: MigrationProvider = { getMigrations: async () => MIGRATIONS };
