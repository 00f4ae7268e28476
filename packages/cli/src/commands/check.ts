import { checkFolder } from '@cambium/server';
import { Command } from 'commander';
import { Failure } from '../fail.ts';
import { createOutput } from '../output.ts';
import { FOLDER, settingsOf, withSettings } from '../settings.ts';

export function checkCommand(): Command {
  const command = new Command('check')
    .description(
      'hold the tree, the log and the stored bytes against every invariant; exit 0 when all hold, else 1 with a line each',
    )
    .option('--json', 'one JSON value instead of lines');
  return withSettings(command, FOLDER).action(async (flags: Record<string, unknown>) => {
    const violations = await checkFolder(settingsOf(flags));
    const output = createOutput(flags['json'] === true);
    output.value({ violations });
    for (const violation of violations) output.line(violation);
    if (violations.length > 0) throw new Failure(`${violations.length} violations`);
    output.line('everything holds');
  });
}
