import { administer } from '@cambium/server';
import { Command, InvalidArgumentError } from 'commander';
import { createOutput } from '../output.ts';
import { FOLDER, settingsOf, withSettings } from '../settings.ts';

interface Consumer {
  consumer_key: string;
  organisation: number;
  domain: string;
  user: string;
}

function organisation(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

const onFolder = (command: Command): Command =>
  withSettings(command.option('--json', 'one JSON value instead of lines'), FOLDER);

/** Works on DATA_DIR, through the server when one runs there. */
export function learnosityCommand(): Command {
  const learnosity = new Command('learnosity').description('let consumers sign Learnosity requests');
  onFolder(
    learnosity
      .command('add')
      .description('add a consumer and print its key and secret, once')
      .requiredOption('--organisation <number>', 'organisation whose assets it may upload', organisation)
      .option('--domain <domain>', 'domain that it signs its requests with', 'localhost')
      .option('--user <name>', 'user who owns what it uploads', 'admin'),
  ).action(async (flags: Record<string, unknown>) => {
    const input = {
      organisation: flags['organisation'] as number,
      domain: flags['domain'] as string,
      user: flags['user'] as string,
    };
    const made = await administer(settingsOf(flags), 'learnosity.add', input);
    const { consumer_key, secret } = made as unknown as Consumer & { secret: string };
    const output = createOutput(flags['json'] === true);
    output.value(made as object);
    output.line(`consumer key ${consumer_key}\nsecret ${secret}`);
  });
  onFolder(learnosity.command('list').description('list every consumer')).action(
    async (flags: Record<string, unknown>) => {
      const consumers = (await administer(settingsOf(flags), 'learnosity.list')) as unknown as Consumer[];
      const output = createOutput(flags['json'] === true);
      output.value(consumers);
      for (const { consumer_key, organisation: number, domain, user } of consumers)
        output.line(`${consumer_key} organisation ${number} ${domain} ${user}`);
    },
  );
  onFolder(
    learnosity.command('remove').argument('<key>').description('let a consumer in no more; its files stay'),
  ).action(async (key: string, flags: Record<string, unknown>) => {
    const output = createOutput(flags['json'] === true);
    output.value((await administer(settingsOf(flags), 'learnosity.remove', { key })) as object);
    output.line(`${key} is removed`);
  });
  return learnosity;
}
