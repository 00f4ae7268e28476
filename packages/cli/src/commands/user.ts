import { administer } from '@cambium/server';
import { Command, InvalidArgumentError } from 'commander';
import { createOutput } from '../output.ts';
import { FOLDER, settingsOf, withSettings } from '../settings.ts';

interface Account {
  id: string;
  username: string;
  storage_limit: number;
  disabled: boolean;
}

function bytes(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number of bytes.');
  return value;
}

const onFolder = (command: Command): Command =>
  withSettings(command.option('--json', 'one JSON value instead of lines'), FOLDER);

/** Works on DATA_DIR, through the server when one runs there. */
export function userCommand(): Command {
  const user = new Command('user').description('add, list and disable users');
  onFolder(
    user
      .command('add')
      .argument('<name>')
      .option('--storage-limit <bytes>', 'bytes that the user may store', bytes)
      .description('add a user and print a token, once'),
  ).action(async (name: string, flags: Record<string, unknown>) => {
    const limit = flags['storageLimit'] as number | undefined;
    const made = (await administer(settingsOf(flags), 'user.add', {
      username: name,
      ...(limit === undefined ? {} : { storage_limit: limit }),
    })) as unknown as Account & { token: string };
    const output = createOutput(flags['json'] === true);
    output.value(made);
    output.line(`${made.username} ${made.id}\ntoken ${made.token}`);
  });
  onFolder(user.command('list').description('list every user')).action(async (flags: Record<string, unknown>) => {
    const users = (await administer(settingsOf(flags), 'user.list')) as unknown as Account[];
    const output = createOutput(flags['json'] === true);
    output.value(users);
    for (const one of users) output.line(`${one.id} ${one.username}${one.disabled ? ' (disabled)' : ''}`);
  });
  onFolder(
    user.command('disable').argument('<name>').description('let a user in no more; nothing of theirs is deleted'),
  ).action(async (name: string, flags: Record<string, unknown>) => {
    await administer(settingsOf(flags), 'user.disable', { username: name });
    const output = createOutput(flags['json'] === true);
    output.value({ username: name, disabled: true });
    output.line(`${name} is disabled`);
  });
  return user;
}
