import { administer } from '@cambium/server';
import { Command } from 'commander';
import { createOutput } from '../output.ts';
import { FOLDER, settingsOf, withSettings } from '../settings.ts';

const onFolder = (command: Command): Command =>
  withSettings(command.option('--json', 'one JSON value instead of lines'), FOLDER);

/** Works on DATA_DIR, through the server when one runs there. */
export function tokenCommand(): Command {
  const token = new Command('token').description('create and revoke tokens');
  onFolder(token.command('create').argument('<user>').description('print a new token of a user, once')).action(
    async (user: string, flags: Record<string, unknown>) => {
      const made = (await administer(settingsOf(flags), 'token.create', { username: user })) as { token: string };
      const output = createOutput(flags['json'] === true);
      output.value(made);
      output.line(made.token);
    },
  );
  onFolder(token.command('revoke').argument('<token>').description('end a token at once')).action(
    async (text: string, flags: Record<string, unknown>) => {
      await administer(settingsOf(flags), 'token.revoke', { token: text });
      const output = createOutput(flags['json'] === true);
      output.value({ revoked: true });
      output.line('revoked');
    },
  );
  return token;
}
