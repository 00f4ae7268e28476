import type { Generated } from 'kysely';

/** Booleans are 0 or 1, times ISO 8601 text, JSON text in columns named so. `channel` and `user` columns hold a `pk`. */
export interface Schema {
  meta: { key: string; value: string };

  user: {
    pk: Generated<number>;
    id: string;
    username: string;
    admin: number;
    disabled: number;
    /** Bytes. */
    storage_limit: number;
    created: string;
  };
  /** Tokens are kept as SHA-256 only. */
  token: { hash: Uint8Array; user: number; created: string };

  channel: {
    pk: Generated<number>;
    id: string;
    /** The last server_rev given; the log has no gaps below it. */
    head: number;
    /** The log starts after this rev. */
    checkpoint: number;
    /** Kept as long as the database: a channel's id is never used again. */
    deleted: number;
    /** ChannelRow without `id`, as JSON. */
    fields: string;
    name: string;
    /** server_rev of the last entry that touched this row. */
    rev: number;
  };
  member: { channel: number; user: number; role: string };

  /** One `client_id` of one user. */
  client: { pk: Generated<number>; user: number; client_id: string; acked_rev: number; last_rev: number; seen: string };
  /** What became of revs that follow one another: kept for ever, so that nothing is ever applied twice. */
  outcome: {
    client: number;
    first: number;
    last: number;
    /** 16 bytes for each of them. */
    digests: Uint8Array;
    /** ChangeResults as JSON, a line each, empty once acknowledged; null when all are. */
    bodies: string | null;
  };

  change_log: {
    channel: number;
    rev: number;
    /** The rev before this one that touched the same row; 0 for none. A row's history is a chain, found without an index. */
    prev: number;
    /** LogEntry as delivered, JSON. */
    entry: string;
  };
  /** `rows` of copies that are too large for their entry; NDJSON. */
  copied_rows: { channel: number; rev: number; rows: string };

  /** Ids of deleted rows: they may come back in the same table and channel only. */
  tombstone: { id: string; table_name: string; channel: number };

  node: {
    pk: Generated<number>;
    id: string;
    channel: number;
    /** pk; null for the root. The truth of the tree's shape. */
    parent: number | null;
    /** Labels: only their order means anything, and only here; they never leave the server. */
    lft: number;
    rgt: number;
    depth: number;
    kind: string;
    title: string;
    complete: number;
    changed: number;
    published: number;
    /** role_visibility is `coach`. */
    coach: number;
    modified: string;
    rev: number;
    /** The other fields of NodeRow, JSON, without those at their default. */
    fields: string;
    /** Counts of the descendants, the node itself left out. */
    total_count: number;
    resource_count: number;
    coach_count: number;
    error_count: number;
    updated_count: number;
    new_count: number;
    /** Assessment items of the node itself. */
    item_count: number;
  };

  prerequisite: { target_node: string; prerequisite: string; channel: number; rev: number };

  assessmentitem: {
    pk: Generated<number>;
    id: string;
    channel: number;
    contentnode: string;
    ord: number;
    rev: number;
    modified: string;
    /** The other fields of ItemRow, JSON. */
    fields: string;
  };

  file: {
    pk: Generated<number>;
    id: string;
    /** Null while attached to nothing. */
    channel: number | null;
    contentnode: string | null;
    assessment_item: string | null;
    checksum: string;
    sha256: string | null;
    file_size: number | null;
    file_format: string;
    preset: string | null;
    language: string | null;
    original_filename: string;
    duration: number | null;
    uploaded_by: number;
    uploaded: number;
    mime_type: string;
    url: string | null;
    modified: string;
    rev: number;
  };

  /** Bytes that are verified and durable under their SHA-256. */
  blob: {
    sha256: string;
    md5: string;
    size: number;
    stored: string;
    /** When the last reference went. */
    condemned: string | null;
  };

  /** MediaFacts of stored bytes that were looked at. */
  media: {
    sha256: string;
    kind: string;
    width: number | null;
    height: number | null;
    /** Seconds. */
    duration: number | null;
    thumbhash: string | null;
  };

  /** Bytes on their way; the truth about an upload's state, the folder is only where they lie. */
  upload: {
    id: string;
    user: number;
    file: string;
    state: string;
    /** Bytes that are durable. */
    offset: number;
    /** Null while the length is deferred. */
    length: number | null;
    metadata: string;
    expires: string;
    created: string;
  };

  idempotency: {
    user: number;
    key: string;
    digest: Uint8Array;
    status: number;
    /** CommitResult as JSON. */
    body: string;
    expires: string;
    /** What the request was answered, as JSON `{status, body}`, its addresses without the server's own. */
    answer: string | null;
  };

  /** Rows of the tables that applications register. */
  app_row: {
    pk: Generated<number>;
    id: string;
    channel: number;
    table_name: string;
    rev: number;
    modified: string;
    /** The application's own fields, JSON. */
    fields: string;
  };

  /** What the other file APIs say of a stored file; it goes when the file's row does. */
  file_facts: {
    /** The file's number in Omeka. */
    number: Generated<number>;
    file: string;
    /** When its bytes were stored. */
    added: string;
    alt_text: string | null;
    shown_name: string | null;
    item: number | null;
    ord: number | null;
    edited: string | null;
  };
  /** What was found in stored bytes beside `media`; found again when it is lost. */
  content_facts: {
    sha256: string;
    /** XXH3-128, 32 hex digits. */
    xxh3: string | null;
    mime: string | null;
    /** As `file -b` says. */
    type_os: string | null;
    /** What it says of itself, as JSON. */
    metadata: string | null;
  };
  omeka_item: {
    id: Generated<number>;
    owner: number;
    /** Holds the owner's files that were put into no item. */
    home: number;
    public: number;
    featured: number;
    added: string;
    modified: string;
  };
  /** Element texts of a file (by its number) or an item, in order. */
  omeka_text: { record: 'file' | 'item'; number: number; ord: number; element: number; html: number; text: string };
  /** The secret is needed to verify signatures, so it is kept as it is. */
  learnosity_consumer: {
    key: string;
    secret: string;
    organisation: number;
    domain: string;
    owner: number;
    created: string;
  };
  /** A public name and the file that it names at present. */
  learnosity_asset: { organisation: number; subkey: string; file: string; type: string };

  /** How far the words of a channel's nodes (the FTS5 table `search`) follow its log. */
  search_state: {
    channel: Generated<number>;
    rev: number;
    /** Rows of the copy that is the next entry which were taken already. */
    part: number;
  };

  /** A checkpoint that is complete: its rows lie in `checkpoint_rows`. It is in use once `channel.checkpoint` names it. */
  checkpoint: { channel: number; rev: number; made: string };
  /** Lines of `CheckpointRow` as JSON, gzip; parts in order, from 0. */
  checkpoint_rows: { channel: number; rev: number; part: number; rows: Uint8Array };
  /** Somebody began a snapshot at this rev and may go on from there. */
  snapshot_hold: { channel: number; rev: number; until: string };
  /** From where a client last asked for a channel's log. */
  cursor: { channel: number; user: number; client_id: string; rev: number; seen: string };
}
