import { realWorld, restoreFolder } from '@cambium/server';
import { Command } from 'commander';
import { createOutput } from '../output.ts';
import { FOLDER, settingsOf, withSettings } from '../settings.ts';

export function restoreCommand(): Command {
  const command = new Command('restore')
    .description('unpack a backup into an empty DATA_DIR; every byte is verified, clients take snapshots anew')
    .argument('<file>', 'what backup wrote')
    .option('--json', 'one JSON value instead of lines');
  return withSettings(command, FOLDER).action(async (file: string, flags: Record<string, unknown>) => {
    const settings = settingsOf(flags);
    const report = await restoreFolder(settings, file, realWorld(settings.logLevel));
    const output = createOutput(flags['json'] === true);
    output.value({ folder: settings.dataDir, ...report });
    output.line(`restored ${report.blobs} stored files, ${report.bytes} bytes in all, into ${settings.dataDir}`);
  });
}
