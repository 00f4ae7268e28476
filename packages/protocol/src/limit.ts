/** Limits stated, not discovered: over one of them a change or request is refused with a code of its own. */
export const LIMITS = {
  /** Levels below the root, which has depth 0. */
  depth: 250,
  /** Children of one node. */
  children: 1_000_000,
  /** Nodes of one channel. */
  nodes: 10_000_000,
  /** Nodes of one COPIED. */
  copy: 100_000,
  /** Characters of text in the rows of one COPIED. */
  copyText: 134_217_728,
  /** Bytes of one row as JSON. */
  row: 1_048_576,
  /** Keys in the `obj`, `mods` or `base` of one change, inner ones counted. */
  keys: 65_536,
  /** Bytes of one file: 1 TiB. */
  file: 1_099_511_627_776,
  /** Characters (code points) of a title, a tag, a label id, a licence description. */
  title: 200,
  tag: 30,
  label: 200,
  licenseDescription: 400,
  /** Changes, cursors and bytes of one sync request. */
  changes: 5_000,
  cursors: 10_000,
  request: 16_777_216,
  /** Changes and bytes of one group. */
  groupChanges: 1_000,
  groupBytes: 4_194_304,
  /** Entries and bytes of one sync answer. */
  entries: 1_000,
  answer: 1_048_576,
  /** Copied rows beyond this many bytes are stored apart from their log entry. */
  inlineRows: 65_536,
} as const;
