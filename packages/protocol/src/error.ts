import type { Json } from './json.ts';

interface ErrorKind {
  /** The HTTP status when the error answers a request of its own. */
  readonly status: number;
  /** A sentence that a person understands. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** The closed table of everything that can be refused. Both sides read it; nothing else names an error. */
export const ERRORS = {
  malformed_json: { status: 400, message: 'The body is not valid JSON.', remedy: 'Send well-formed JSON in UTF-8.' },
  missing_field: { status: 400, message: 'A required field is missing.', remedy: 'Add the field that is named.' },
  invalid_value: {
    status: 400,
    message: 'A field has a value that is not allowed.',
    remedy: 'Correct the field that is named.',
  },
  invalid_position: {
    status: 400,
    message: 'That is not a position beside or inside the target.',
    remedy: 'Use first-child, last-child, left or right.',
  },
  read_only_field: {
    status: 400,
    message: 'That field cannot be changed by an update.',
    remedy: 'Leave it out; use MOVED to change a parent.',
  },
  unknown_table: {
    status: 400,
    message: 'There is no such table.',
    remedy: 'Use a table of the protocol or one that the application registered.',
  },
  unknown_type: {
    status: 400,
    message: 'That type of change does not exist for this table.',
    remedy: 'Use a type that the table supports.',
  },
  unsupported_protocol: {
    status: 400,
    message: 'This protocol version is not supported.',
    remedy: 'Update the client or the server; this one speaks protocol 1.',
  },
  too_deep: { status: 400, message: 'The tree would become deeper than 250 levels.', remedy: 'Put it higher up.' },
  too_many_children: {
    status: 400,
    message: 'A topic cannot have that many children.',
    remedy: 'Spread them over several topics.',
  },
  unauthenticated: {
    status: 401,
    message: 'A valid token is needed.',
    remedy: 'Log in again; nothing that was queued is lost.',
  },
  forbidden: {
    status: 403,
    message: 'You may not do that here.',
    remedy: 'Ask an owner of the channel for the right to edit it.',
  },
  not_found: {
    status: 404,
    message: 'There is nothing with that id, or it was deleted.',
    remedy: 'Restore it or choose another target.',
  },
  method_not_allowed: {
    status: 405,
    message: 'That method does not work on this address.',
    remedy: 'See the API description for what does.',
  },
  already_exists: { status: 409, message: 'That id or name is already taken.', remedy: 'Use another one.' },
  cycle: {
    status: 409,
    message: 'A node cannot be put under itself or one of its descendants.',
    remedy: 'Choose another target.',
  },
  root: {
    status: 409,
    message: 'The root of a channel cannot be moved, deleted or given siblings.',
    remedy: 'Work inside the channel, or delete the channel.',
  },
  cross_channel: {
    status: 409,
    message: 'That belongs to another channel.',
    remedy: 'Copy it instead; copying works across channels.',
  },
  rev_reused: {
    status: 409,
    message: 'This rev was used before for another change.',
    remedy: 'Give the change a new rev.',
  },
  out_of_order: {
    status: 409,
    message: 'A batch that comes before this one has not arrived.',
    remedy: 'Send again from last_rev.',
  },
  server_changed: {
    status: 409,
    message: 'This is not the database that the client knows.',
    remedy: 'Take snapshots and send the unacknowledged changes again.',
  },
  last_owner: {
    status: 409,
    message: 'A channel keeps at least one owner.',
    remedy: 'Make somebody else an owner first.',
  },
  dependency_failed: {
    status: 409,
    message: 'It needs something that was refused in the same batch.',
    remedy: 'Correct the change it depends on, then retry both.',
  },
  group_failed: {
    status: 409,
    message: 'Another change of the same group was refused.',
    remedy: 'Correct that one, then retry the group.',
  },
  snapshot_gone: {
    status: 410,
    message: 'The log no longer reaches back that far.',
    remedy: 'Take a snapshot of a later rev.',
  },
  filter_required: {
    status: 412,
    message: 'A list needs at least one filter.',
    remedy: 'Add a filter such as parent or id__in.',
  },
  quota_exceeded: {
    status: 412,
    message: 'There is not enough storage left.',
    remedy: 'Delete files or ask for a higher limit.',
  },
  too_large: { status: 413, message: 'That is larger than the limit.', remedy: 'Send it in smaller parts.' },
  unsupported_type: {
    status: 415,
    message: 'That content type is not accepted here.',
    remedy: 'Use the content type that is asked for.',
  },
  checksum_mismatch: { status: 422, message: 'The bytes do not match the checksum.', remedy: 'Upload the file again.' },
  size_mismatch: {
    status: 422,
    message: 'The bytes do not match the declared size.',
    remedy: 'Upload the file again.',
  },
  internal_error: {
    status: 500,
    message: 'The server failed; nothing was changed.',
    remedy: 'Try again later; report the request id if it persists.',
  },
  busy: { status: 503, message: 'The server has too much to do at the moment.', remedy: 'Try again in a moment.' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** One reason for a refusal, as it travels. `field` is the path of what is wrong. */
export interface ProtocolError {
  code: ErrorCode;
  message: string;
  field?: string;
  details?: Json;
}

/** An error of the table; `message` replaces the general sentence with a more exact one. */
export function protocolError(
  code: ErrorCode,
  more: { message?: string; field?: string; details?: Json } = {},
): ProtocolError {
  return { code, message: ERRORS[code].message, ...more };
}

/** An expected refusal on its way up to whoever answers the request. */
export class Refusal extends Error {
  readonly error: ProtocolError;

  constructor(code: ErrorCode, more: { message?: string; field?: string; details?: Json } = {}) {
    const error = protocolError(code, more);
    super(error.message);
    this.name = 'Refusal';
    this.error = error;
  }

  get status(): number {
    return ERRORS[this.error.code].status;
  }
}
