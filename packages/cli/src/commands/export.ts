import { normalizeId } from '@cambium/protocol';
import { Command } from 'commander';
import { writeArchive } from '../archive/write.ts';
import { UsageError } from '../fail.ts';
import { createOutput } from '../output.ts';
import { findTarget, type TargetOptions, withTarget } from '../target.ts';

export function exportCommand(): Command {
  return withTarget(new Command('export'))
    .description('write a channel with all its rows and files into one file, for import')
    .argument('<channel>', 'the id of the channel')
    .argument('[file]', 'a tar file (default: CHANNEL.cambium)')
    .option('--json', 'one JSON value instead of lines')
    .action(async (channel: string, given: string | undefined, options: TargetOptions & { json?: boolean }) => {
      const id = normalizeId(channel);
      if (id === null) throw new UsageError(`not the id of a channel: ${channel}`);
      const file = given ?? `${id}.cambium`;
      const output = createOutput(options.json === true);
      const report = await writeArchive(findTarget(options), id, file, (count) =>
        output.progress('exporting', count, 'files'),
      );
      output.value({ file, ...report });
      output.line(`exported ${report.rows} rows and ${report.files} files (${report.bytes} bytes) into ${file}`);
    });
}
