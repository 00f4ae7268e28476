import { backupFolder } from '@cambium/server';
import { Command } from 'commander';
import { createOutput } from '../output.ts';
import { FOLDER, settingsOf, withSettings } from '../settings.ts';

export function backupCommand(): Command {
  const command = new Command('backup')
    .description('write everything in DATA_DIR into one file, one consistent state; a server may run meanwhile')
    .argument('<file>', 'a tar file; it holds the secret of the folder, so only its owner may read it')
    .option('--json', 'one JSON value instead of lines');
  return withSettings(command, FOLDER).action(async (file: string, flags: Record<string, unknown>) => {
    const report = await backupFolder(settingsOf(flags), file);
    const output = createOutput(flags['json'] === true);
    output.value({ file, ...report });
    output.line(`backed up ${report.blobs} stored files, ${report.bytes} bytes in all, into ${file}`);
  });
}
