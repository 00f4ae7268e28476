import { PROTOCOL, TYPES, tableNamed, type Table } from '@cambium/protocol';
import { z } from 'zod';
import { role } from './rows.ts';

/** What requests carry. Fields of rows are those that the protocol declares and checks. */

/** The fields of a table that an author may say: all at first, later those that stay open. */
function fieldsOf(table: Table, when: 'creating' | 'updating'): Record<string, z.ZodType> {
  const fields = tableNamed(table)?.fields.user ?? new Map<string, never>();
  const said = [...fields].filter(
    ([, { access }]) => access === 'open' || (access === 'initial' && when === 'creating'),
  );
  return Object.fromEntries(said.map(([name, { value }]) => [name, (value as z.ZodType).optional()]));
}

const anyId = z.string();

/** A change in any of its types; what each of them needs, the server says in its result. */
const change = z.looseObject({
  rev: z.int().min(1),
  type: z.union([z.enum(TYPES), z.int().min(1).max(6)]),
  table: z.string(),
  key: z.union([anyId, z.tuple([anyId, anyId])]),
  channel_id: anyId,
});

const announced = fieldsOf('file', 'creating');

const announcement = z.object({
  id: anyId.optional(),
  size: z.int().min(0),
  checksum: announced['checksum'] ?? z.string(),
  name: z.string(),
  file_format: announced['file_format'] ?? z.string(),
  preset: z.string(),
  duration: z.number().nullable().optional(),
  sha256: z.string().nullable().optional(),
  language: z.string().nullable().optional(),
});

export const BODIES = {
  SyncRequest: z.object({
    client_id: anyId,
    protocol: z.literal(PROTOCOL).optional(),
    changes: z.array(change).optional(),
    channel_revs: z.record(anyId, z.int().min(0)).optional(),
    acked_rev: z.int().min(0).optional(),
    after_rev: z.int().min(0).optional(),
    server_id: anyId.optional(),
  }),
  NewChannel: z.object({ id: anyId.optional(), ...fieldsOf('channel', 'creating'), name: z.string() }),
  ChannelChange: z.object(fieldsOf('channel', 'updating')),
  Membership: z.object({ role }),
  NewNode: z.object({
    id: anyId.optional(),
    ...fieldsOf('contentnode', 'creating'),
    target: anyId.optional(),
    position: z.string().optional(),
    kind: z.string(),
  }),
  NodeChange: z.object(fieldsOf('contentnode', 'updating')),
  NewUserRequest: z.object({ username: z.string(), storage_limit: z.int().min(0).optional() }),
  Announcement: announcement,
  Inquiry: z.object({ files: z.array(announcement) }),
  FileChange: z.object(fieldsOf('file', 'updating')),
  CommandInput: z.record(z.string(), z.unknown()),
} as const satisfies Record<string, z.ZodType>;

export type BodyName = keyof typeof BODIES;
