import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { CambiumClient } from '@cambium/client';
import { type FileRow, type Id, newId, Refusal } from '@cambium/protocol';
import { Command } from 'commander';
import { connect } from '../connect.ts';
import { Failure, UsageError } from '../fail.ts';
import { type FolderEntry, listFolder, pathId, readState, writeState } from '../folder.ts';
import { contentOf } from '../content.ts';
import { createOutput, type Output } from '../output.ts';
import { persist } from '../patience.ts';
import { findTarget, type TargetOptions, withTarget } from '../target.ts';

/** Files whose bytes are under way at once. */
const PARALLEL = 4;

export function pushCommand(): Command {
  return withTarget(new Command('push'))
    .description('make a channel of a folder of files; run again, it sends only what the server lacks')
    .argument('<dir>', 'the folder')
    .option('--name <name>', "the channel's name (default: the folder's)")
    .option('--json', 'one JSON value instead of lines')
    .action(async (dir: string, options: TargetOptions & { name?: string; json?: boolean }) => {
      const root = resolve(dir);
      if (!(await stat(root).catch(() => null))?.isDirectory()) throw new UsageError(`not a folder: ${dir}`);
      const { server, token } = findTarget(options);
      const client = await persist(() => connect(server, token));
      try {
        await push(client, root, options.name ?? basename(root), createOutput(options.json === true));
      } finally {
        await client.close();
      }
    });
}

async function push(client: CambiumClient, root: string, name: string, output: Output): Promise<void> {
  const channel = await findChannel(client, root, name);
  const entries = await listFolder(root);
  await makeNodes(client, channel, entries);
  const files = entries.filter((entry) => entry.kind === 'file');
  const progress = output.progress('pushing', files.length, 'files');
  const waiting = [...files];
  let sent = 0;
  let bytes = 0;
  const worker = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      const size = await sendFile(client, channel, root, entry);
      if (size !== null) {
        sent += 1;
        bytes += size;
      }
      progress.add(1);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  await persist(() => client.sync());
  progress.stop();
  const refused = await client.rescued();
  if (refused.length > 0)
    throw new Failure(
      `the server refused ${refused.length} changes, the first because: ${refused[0]?.errors[0]?.message ?? 'unknown'}`,
    );
  output.value({ channel, files: files.length, sent, bytes });
  output.line(
    `pushed ${files.length} files to channel ${channel} (${sent} sent, ${files.length - sent} already there)`,
  );
}

/** The channel of an earlier run of this folder when there was one, else a new one. */
async function findChannel(client: CambiumClient, root: string, name: string): Promise<Id> {
  const channel = (await readState(root))?.channel ?? newId(Date.now(), (length) => randomBytes(length));
  // Noted before it is made: a run that is cut in between then makes the same one.
  await writeState(root, { channel });
  try {
    await persist(() => client.follow(channel));
  } catch (error) {
    if (!(error instanceof Refusal) || error.error.code !== 'not_found') throw error;
    await client.createChannel({ name }, { id: channel });
    await persist(() => client.sync());
  }
  return channel;
}

async function makeNodes(client: CambiumClient, channel: Id, entries: FolderEntry[]): Promise<void> {
  const known = new Set<Id>();
  for await (const node of client.rows(channel)) known.add(node.id);
  const missing = entries.filter((entry) => !known.has(pathId(channel, entry.path)));
  const changes = missing.map((entry) => ({
    type: 'CREATED',
    table: 'contentnode',
    key: pathId(channel, entry.path),
    obj: {
      parent: pathId(channel, entry.parent),
      title: entry.name,
      kind: entry.kind === 'folder' ? 'topic' : contentOf(entry.name).kind,
    },
  }));
  await client.channel(channel).write(changes);
  await persist(() => client.sync());
}

/** @returns the bytes of the file, or null when the server has them already */
async function sendFile(client: CambiumClient, channel: Id, root: string, entry: FolderEntry): Promise<number | null> {
  const node = pathId(channel, entry.path);
  const bytes = await readFile(join(root, entry.path));
  const { preset, type } = contentOf(entry.name);
  const blob = new Blob([bytes], { type });
  const there = await client.files.attached(node);
  const { md5, sha256 } = await client.files.hash(blob);
  const same = there.find((file) => isSame(file, md5, sha256, bytes.length));
  if (same?.uploaded === true) return null;
  for (const other of there)
    if (other !== same) await client.channel(channel).change({ type: 'DELETED', table: 'file', key: other.id });
  const id = same?.id ?? pathId(node, `${entry.path}\n${sha256}`);
  await client.files.attach(node, blob, { id, name: entry.name, preset });
  await client.files.finished(id);
  return bytes.length;
}

function isSame(file: FileRow, md5: string, sha256: string, size: number): boolean {
  return file.file_size === size && (file.sha256 ?? sha256) === sha256 && file.checksum === md5;
}
