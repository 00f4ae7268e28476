import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { derivedId, type Id } from '@cambium/protocol';

/** What `push` keeps in the folder it pushes. */
export const STATE_FOLDER = '.cambium';

/** One thing in a folder; `path` is relative, with slashes. */
export interface FolderEntry {
  path: string;
  name: string;
  /** The path of the folder it is in; empty at the top. */
  parent: string;
  kind: 'folder' | 'file';
}

/** Everything in a folder in a fixed order, folders before what is in them. Links and special files are left out. */
export async function listFolder(root: string): Promise<FolderEntry[]> {
  const entries: FolderEntry[] = [];
  const walk = async (parent: string): Promise<void> => {
    const found = await readdir(join(root, parent), { withFileTypes: true });
    for (const item of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (parent === '' && item.name === STATE_FOLDER) continue;
      const path = parent === '' ? item.name : `${parent}/${item.name}`;
      if (item.isDirectory()) {
        entries.push({ path, name: item.name, parent, kind: 'folder' });
        await walk(path);
      } else if (item.isFile()) entries.push({ path, name: item.name, parent, kind: 'file' });
    }
  };
  await walk('');
  return entries;
}

/** The id of what stands at a path: the same in every run, so that a run that was cut meets what it already made. */
export function pathId(channel: Id, path: string): Id {
  return path === '' ? channel : derivedId(channel, createHash('sha256').update(path).digest('hex').slice(0, 32));
}

interface State {
  channel: Id;
}

/** The channel that an earlier push of this folder went to, if any. */
export async function readState(root: string): Promise<State | null> {
  try {
    return JSON.parse(await readFile(join(root, STATE_FOLDER, 'push.json'), 'utf8')) as State;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export async function writeState(root: string, state: State): Promise<void> {
  const folder = join(root, STATE_FOLDER);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'push.json.new'), JSON.stringify(state));
  await rename(join(folder, 'push.json.new'), join(folder, 'push.json'));
}
