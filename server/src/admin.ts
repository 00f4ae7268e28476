import { Refusal, type Json, type JsonObject } from '@cambium/protocol';
import { addConsumer, listConsumers, removeConsumer } from './admin-learnosity.ts';
import type { CompactReport } from './compact/compactor.ts';
import type { Connection } from './database/open.ts';
import { addUser } from './http/users.ts';
import { hashToken } from './writer/users.ts';
import type { Writer } from './writer/writer.ts';

/** What the commands of the administrator work with, whether a server runs or not. */
export interface AdminWorld {
  writer: Writer;
  reader: Connection;
  /** Called when somebody may have lost the right to do something. */
  onRevoked(): void;
  /** Cuts what may go of old logs; `keep` in seconds, else as set. */
  compact(keep?: number): Promise<CompactReport>;
}

type Command = (world: AdminWorld, input: JsonObject) => Promise<Json>;

/** The commands of the administrator by name. Input and output are JSON; refusals are thrown. */
export const ADMIN_COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['user.add', async ({ writer }, input) => addUser(writer, input)],
  ['learnosity.add', async ({ writer }, input) => addConsumer(writer, input)],
  ['learnosity.list', async ({ reader }) => listConsumers(reader)],
  ['learnosity.remove', async ({ writer }, input) => removeConsumer(writer, input)],
  ['user.list', async ({ reader }) => listUsers(reader)],
  [
    'user.disable',
    async ({ writer, onRevoked }, input) => {
      await writer.command('user.disable', { username: text(input, 'username') });
      onRevoked();
      return null;
    },
  ],
  ['compact', async ({ compact }, input) => ({ ...(await compact(seconds(input, 'keep'))) })],
  ['token.create', ({ writer }, input) => writer.command('token.create', { username: text(input, 'username') })],
  [
    'token.revoke',
    async ({ writer, onRevoked }, input) => {
      await writer.command('token.revoke', { hash: hashToken(text(input, 'token')) });
      onRevoked();
      return null;
    },
  ],
]);

async function listUsers(reader: Connection): Promise<Json> {
  const rows = await reader.db
    .selectFrom('user')
    .select(['id', 'username', 'admin', 'disabled', 'storage_limit', 'created'])
    .orderBy('username')
    .execute();
  return rows.map((row) => ({ ...row, admin: row.admin === 1, disabled: row.disabled === 1 }));
}

function seconds(input: JsonObject, field: string): number | undefined {
  const value = input[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Refusal('invalid_value', { field, message: 'Must be a whole number of seconds.' });
}

function text(input: JsonObject, field: string): string {
  const value = input[field];
  if (value === undefined || value === null) throw new Refusal('missing_field', { field });
  if (typeof value !== 'string' || value === '') throw new Refusal('invalid_value', { field });
  return value;
}
