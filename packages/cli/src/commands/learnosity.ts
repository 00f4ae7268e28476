import { administer } from '@cambium/server';
import { Command, InvalidArgumentError } from 'commander';
import { createOutput } from '../output.ts';
import { FOLDER, settingsOf, withSettings } from '../settings.ts';

interface Consumer {
  consumer_key: string;
  secret: string;
}

function organisation(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('a whole number.');
  return Number(text);
}

/** Works on DATA_DIR, through the server when one runs there. */
export function learnosityCommand(): Command {
  const learnosity = new Command('learnosity').description('let consumers sign Learnosity requests');
  const add = learnosity
    .command('add')
    .description('add a consumer and print its key and secret')
    .requiredOption('--organisation <number>', 'organisation whose assets it may upload', organisation)
    .option('--domain <domain>', 'domain that it signs its requests with', 'localhost')
    .option('--user <name>', 'user who owns what it uploads', 'admin')
    .option('--json', 'one JSON value instead of lines');
  withSettings(add, FOLDER).action(async (flags: Record<string, unknown>) => {
    const input = {
      organisation: flags['organisation'] as number,
      domain: flags['domain'] as string,
      user: flags['user'] as string,
    };
    const made = (await administer(settingsOf(flags), 'learnosity.add', input)) as unknown as Consumer;
    const output = createOutput(flags['json'] === true);
    output.value(made);
    output.line(`consumer key ${made.consumer_key}\nsecret ${made.secret}`);
  });
  return learnosity;
}
