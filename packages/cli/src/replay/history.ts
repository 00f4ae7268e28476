import type { Batch, TraceEvent } from './event.ts';
import { blobSizes, type Commit, type FileChange, firstParentHistory } from './git.ts';

const SUBMODULE = '160000';
const SYMLINK = '120000';

/** The kind of a file: its lower-case extension, not counting a leading dot; else what sort of thing it is. */
export function kindOf(title: string, mode: string): string {
  if (mode === SUBMODULE) return 'gitlink';
  if (mode === SYMLINK) return 'symlink';
  const dot = title.lastIndexOf('.');
  const extension = title.slice(dot + 1).toLowerCase();
  return dot > 0 && /^[a-z0-9_+-]{1,12}$/.test(extension) ? extension : 'file';
}

/** A repository's history as events: folders are topics, files are resources, a commit is a batch of its author. */
export async function gitHistory(repository: string): Promise<Batch[]> {
  const commits = await firstParentHistory(repository);
  const shas = new Set(
    commits.flatMap((commit) =>
      commit.changes.filter((change) => change.mode !== SUBMODULE).map((change) => change.sha),
    ),
  );
  const paths = new Paths(await blobSizes(repository, shas));
  const authors = new Map<string, number>();
  const batches: Batch[] = [];
  for (const commit of commits) {
    const author = authors.get(commit.author) ?? authors.size;
    authors.set(commit.author, author);
    const events = paths.play(commit);
    if (events.length > 0) batches.push({ author, events });
  }
  return batches;
}

/** Which node stands at which path while the history is read. */
class Paths {
  readonly #sizes: Map<string, number>;
  readonly #ids = new Map<string, number>([['', 0]]);
  /** How many entries each folder holds; an empty one goes, as git has none. */
  readonly #entries = new Map<string, number>();
  #displaced: number[] = [];
  #next = 1;
  #events: TraceEvent[] = [];

  constructor(sizes: Map<string, number>) {
    this.#sizes = sizes;
  }

  play(commit: Commit): TraceEvent[] {
    this.#events = [];
    const of = (...letters: string[]): FileChange[] =>
      commit.changes.filter((change) => letters.includes(change.status));
    // Every path is left before any is taken: one commit may swap two files, or put a folder where a file was.
    const copies = of('C').map((change) => [change, this.#ids.get(change.from as string) as number] as const);
    const leaving = [...of('R').map((change) => change.from as string), ...of('D').map((change) => change.path)];
    const moves = of('R').map((change) => [change, this.#leave(change.from as string)] as const);
    const gone = of('D').map((change) => this.#leave(change.path));
    // Copies first, while their sources are as the author had them.
    for (const [change, from] of copies) this.#copy(change, from);
    for (const id of gone) this.#events.push({ type: 'DELETED', id });
    for (const [change, id] of moves) this.#move(change, id);
    for (const change of of('A')) this.#create(change);
    for (const change of of('M', 'T')) this.#update(change, this.#ids.get(change.path) as number);
    for (const path of leaving) this.#sweep(folderOf(path));
    for (const id of this.#displaced.splice(0)) this.#events.push({ type: 'DELETED', id });
    return this.#events;
  }

  #content(change: FileChange): { size: number; sha: string; kind: string } {
    return {
      size: this.#sizes.get(change.sha) ?? 0,
      sha: change.sha.slice(0, 16),
      kind: kindOf(nameOf(change.path), change.mode),
    };
  }

  #create(change: FileChange): void {
    const parent = this.#folder(folderOf(change.path));
    this.#events.push({
      type: 'CREATED',
      id: this.#arrive(change.path, this.#next),
      parent,
      title: nameOf(change.path),
      ...this.#content(change),
    });
    this.#next += 1;
  }

  #update(change: FileChange, id: number): void {
    this.#events.push({ type: 'UPDATED', id, ...this.#content(change) });
  }

  #move(change: FileChange, id: number): void {
    const parent = this.#folder(folderOf(change.path));
    this.#events.push({ type: 'MOVED', id: this.#arrive(change.path, id), parent, title: nameOf(change.path) });
    this.#update(change, id);
  }

  #copy(change: FileChange, from: number): void {
    const parent = this.#folder(folderOf(change.path));
    const id = this.#arrive(change.path, this.#next);
    this.#next += 1;
    this.#events.push({ type: 'COPIED', id, from, parent, title: nameOf(change.path) });
    this.#update(change, id);
  }

  #folder(path: string): number {
    const known = this.#ids.get(path);
    if (known !== undefined) return known;
    const parent = this.#folder(folderOf(path));
    const id = this.#arrive(path, this.#next);
    this.#next += 1;
    this.#events.push({ type: 'CREATED', id, parent, title: nameOf(path), kind: 'topic' });
    return id;
  }

  #arrive(path: string, id: number): number {
    if (this.#ids.has(path)) this.#displace(path);
    this.#ids.set(path, id);
    this.#entries.set(folderOf(path), (this.#entries.get(folderOf(path)) ?? 0) + 1);
    return id;
  }

  /** A file takes the path of a folder: whatever was in it has left, and it goes once the commit is played. */
  #displace(path: string): void {
    for (const inner of [...this.#ids.keys()].filter((other) => other.startsWith(`${path}/`))) this.#leave(inner);
    this.#displaced.push(this.#leave(path));
  }

  #leave(path: string): number {
    const id = this.#ids.get(path) as number;
    this.#ids.delete(path);
    this.#entries.set(folderOf(path), (this.#entries.get(folderOf(path)) ?? 0) - 1);
    return id;
  }

  #sweep(path: string): void {
    if (path === '' || !this.#ids.has(path) || (this.#entries.get(path) ?? 0) > 0) return;
    this.#events.push({ type: 'DELETED', id: this.#leave(path) });
    this.#sweep(folderOf(path));
  }
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
