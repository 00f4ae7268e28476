import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, type FileRow, type Id } from '@cambium/protocol';
import { Command } from 'commander';
import { changesOf, type Draft } from '../archive/changes.ts';
import { readArchive, type Unpacked } from '../archive/read.ts';
import { Sender, sendBytes } from '../archive/send.ts';
import { Failure, UsageError } from '../fail.ts';
import { createOutput, type Output } from '../output.ts';
import { readSnapshot } from '../snapshot.ts';
import { findTarget, type Target, type TargetOptions, withTarget } from '../target.ts';

export function importCommand(): Command {
  return withTarget(new Command('import'))
    .description('make a channel of an exported one: under its own id where that was never used, else under a new one')
    .argument('<file>', 'what export wrote')
    .option('--json', 'one JSON value instead of lines')
    .action(async (file: string, options: TargetOptions & { json?: boolean }) => {
      if (!existsSync(file)) throw new UsageError(`there is no ${file}`);
      const target = findTarget(options);
      const folder = await mkdtemp(join(tmpdir(), 'cambium-import-'));
      try {
        await importChannel(target, await readArchive(file, folder), createOutput(options.json === true));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
}

async function importChannel(target: Target, { manifest, rows, contents }: Unpacked, output: Output): Promise<void> {
  const sender = new Sender(target);
  const own = manifest.channel_id;
  const first = changesOf(manifest, rows, own).next().value as Draft;
  const isOwn = (await sender.send(own, [first]))[0]?.status === 'applied';
  const channel = isOwn ? own : newId(Date.now(), (length) => randomBytes(length));
  const [made, ...rest] = changesOf(manifest, rows, channel);
  await sender.sendAll(channel, isOwn ? rest : [made as Draft, ...rest]);
  const sent = await sendFiles(target, channel, contents, output);
  output.value({ channel, rows: rows.length, files: sent });
  output.line(`imported ${rows.length} rows and ${sent} files as channel ${channel}`);
}

/** Sends each content once: the server gives it to every file of the channel that waits for it. */
async function sendFiles(
  target: Target,
  channel: Id,
  contents: ReadonlyMap<string, string>,
  output: Output,
): Promise<number> {
  const { files } = await readSnapshot(target.server, target.token, channel);
  const bySha256 = new Map(files.map((file) => [file.sha256, file]));
  const progress = output.progress('importing', contents.size, 'files');
  for (const [sha256, path] of contents) {
    const file = bySha256.get(sha256);
    if (file && !file.uploaded) await sendBytes(target, file, path);
    progress.add(1);
  }
  progress.stop();
  const after = await readSnapshot(target.server, target.token, channel);
  const missing = after.files.filter((file: FileRow) => !file.uploaded);
  if (missing.length > 0) throw new Failure(`the server still waits for the bytes of ${missing[0]?.original_filename}`);
  return after.files.length;
}
