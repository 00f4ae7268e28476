import { administer } from '@cambium/server';
import { Command, InvalidArgumentError } from 'commander';
import { createOutput } from '../output.ts';
import { settingsOf, withSettings } from '../settings.ts';

interface Report {
  channels: number;
  entries: number;
}

function seconds(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of seconds.');
  return Number(text);
}

/** Works on DATA_DIR, through the server when one runs there. */
export function compactCommand(): Command {
  const command = new Command('compact')
    .description(
      'fold old log entries into a checkpoint of each channel; what clients seen in the last 7 days have not read, and what follows a snapshot of the last 24 h, stays',
    )
    .option('--keep <seconds>', 'keep entries younger than this (default: LOG_KEEP)', seconds)
    .option('--json', 'one JSON value instead of lines');
  return withSettings(command, ['dataDir', 'databaseUrl', 'storageUrl', 'logKeep']).action(
    async (flags: Record<string, unknown>) => {
      const keep = flags['keep'] as number | undefined;
      const input = keep === undefined ? {} : { keep };
      const report = (await administer(settingsOf(flags), 'compact', input)) as unknown as Report;
      const output = createOutput(flags['json'] === true);
      output.value(report);
      output.line(`${report.entries} entries of ${report.channels} channels were folded`);
    },
  );
}
