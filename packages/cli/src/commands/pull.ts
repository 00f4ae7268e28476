import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { type FileRow, type NodeRow, normalizeId } from '@cambium/protocol';
import { Command } from 'commander';
import { Failure, UsageError } from '../fail.ts';
import { createOutput } from '../output.ts';
import { persist } from '../patience.ts';
import { readSnapshot } from '../snapshot.ts';
import { findTarget, type TargetOptions, withTarget } from '../target.ts';

export function pullCommand(): Command {
  return withTarget(new Command('pull'))
    .description('write a channel as a folder of files: topics are folders, the first file of each node is a file')
    .argument('<channel>', 'the id of the channel')
    .argument('<dir>', 'the folder; made when it is missing')
    .option('--json', 'one JSON value instead of lines')
    .action(async (channel: string, dir: string, options: TargetOptions & { json?: boolean }) => {
      const id = normalizeId(channel);
      if (id === null) throw new UsageError(`not the id of a channel: ${channel}`);
      const { server, token } = findTarget(options);
      const output = createOutput(options.json === true);
      const { nodes, files } = await readSnapshot(server, token, id);
      const plan = planFiles(nodes, files);
      const progress = output.progress('pulling', plan.length, 'files');
      let bytes = 0;
      let kept = 0;
      for (const { path, file } of plan) {
        if (await download(server, join(dir, path), file)) bytes += file.file_size ?? 0;
        else kept += 1;
        progress.add(1);
      }
      for (const folder of folders(nodes)) await mkdir(join(dir, folder), { recursive: true });
      progress.stop();
      output.value({ files: plan.length, downloaded: plan.length - kept, bytes });
      output.line(`pulled ${plan.length} files into ${dir} (${plan.length - kept} downloaded, ${kept} already there)`);
    });
}

/** A title as one safe path segment: it may hold anything but a separator, and never leads out of the folder. */
function segment(title: string): string {
  const safe = title.replaceAll('/', '∕').replaceAll('\\', '⧵');
  return safe === '' || safe === '.' || safe === '..' ? `_${safe}` : safe;
}

function pathsOf(nodes: NodeRow[]): Map<string, string> {
  const paths = new Map<string, string>();
  const taken = new Set<string>();
  for (const node of nodes) {
    if (node.parent_id === null) {
      paths.set(node.id, '');
      continue;
    }
    const base = join(paths.get(node.parent_id) as string, segment(node.title));
    // Titles need not be unique among siblings; files are.
    let path = base;
    for (let n = 2; taken.has(path); n += 1) path = `${base} (${n})`;
    taken.add(path);
    paths.set(node.id, path);
  }
  return paths;
}

function folders(nodes: NodeRow[]): string[] {
  const paths = pathsOf(nodes);
  return nodes.filter((node) => node.kind === 'topic').map((node) => paths.get(node.id) as string);
}

function planFiles(nodes: NodeRow[], files: FileRow[]): { path: string; file: FileRow }[] {
  const paths = pathsOf(nodes);
  const planned = new Set<string>();
  const plan: { path: string; file: FileRow }[] = [];
  for (const file of files) {
    const path = file.contentnode === null ? undefined : paths.get(file.contentnode);
    if (path === undefined || !file.uploaded || file.url === null) continue;
    // The first file of a node bears its title; further ones stand beside it under their own names.
    const own = planned.has(path) ? `${path}.${segment(file.original_filename)}` : path;
    planned.add(path);
    plan.push({ path: own, file });
  }
  return plan;
}

/** @returns whether it was downloaded; a file of the right size that is there is kept */
async function download(server: string, path: string, file: FileRow): Promise<boolean> {
  if ((await sizeOf(path)) === file.file_size) return false;
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  await persist(async () => {
    const answer = await fetch(new URL(file.url as string, `${server}/`));
    if (!answer.ok || answer.body === null)
      throw new Failure(`${file.original_filename} could not be read: HTTP ${answer.status}`);
    await pipeline(Readable.fromWeb(answer.body as ReadableStream), createWriteStream(part));
  });
  if ((await sizeOf(part)) !== file.file_size) throw new Failure(`${path} arrived with the wrong size`);
  await rename(part, path);
  return true;
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
