import { createHash } from 'node:crypto';
import { type CambiumClient, nodeDeps, openClient } from '@cambium/client';
import type { FileRow, Id } from '@cambium/protocol';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { filter, firstValueFrom } from 'rxjs';

/** A client with a channel in which documents wait for their files. */
export interface Desk {
  client: CambiumClient;
  /** Gives each file to a document of its own, while nothing is sent. */
  attach(files: readonly Buffer[]): Promise<Id[]>;
  /** Lets the client go online; resolves when the server has all of them. */
  send(ids: readonly Id[]): Promise<void>;
  /** Has the server exactly these bytes? Asked past the line. */
  isStored(id: Id, bytes: Buffer): Promise<boolean>;
  close(): Promise<void>;
}

const isOver = ({ state }: { state: string }) => state === 'refused';

let serial = 0;

/** `direct` is where the server is, `url` where the client is told that it is. */
export async function openDesk(direct: string, url: string, token: string, documents: number): Promise<Desk> {
  serial += 1;
  const client = await openClient({
    server: url,
    token,
    // A name of its own too: databases of one name in two factories would wake each other.
    name: `desk-${process.pid}-${serial}`,
    autoSync: false,
    deps: nodeDeps({ indexedDB: new IDBFactory(), IDBKeyRange }),
  });
  const channel = await client.createChannel({ name: 'Desk' });
  const nodes: Id[] = [];
  for (let index = 0; index < documents; index += 1) {
    nodes.push(await client.channel(channel).create({ parent: channel, kind: 'document', title: `${index}` }));
  }
  await client.sync();
  return {
    client,
    async attach(files) {
      const ids: Id[] = [];
      for (const [index, bytes] of files.entries()) {
        const file = new File([bytes as BlobPart], `${index}.pdf`);
        ids.push(await client.files.attach(nodes[index] as Id, file));
      }
      return ids;
    },
    async send(ids) {
      client.start();
      const left = await firstValueFrom(client.files.uploads$.pipe(filter((all) => all.every(isOver))));
      if (left.length > 0)
        throw new Error(`${left.length} files of ${ids.length} were refused: ${left[0]?.error?.message}`);
    },
    async isStored(id, bytes) {
      const headers = { Authorization: `Token ${token}` };
      const [file] = (await (await fetch(`${direct}/api/file?id=${id}`, { headers })).json()) as FileRow[];
      if (!file?.uploaded || file.url === null) return false;
      const stored = await fetch(new URL(new URL(file.url).pathname, direct));
      const digest = createHash('sha256')
        .update(new Uint8Array(await stored.arrayBuffer()))
        .digest('hex');
      return stored.ok && digest === createHash('sha256').update(bytes).digest('hex');
    },
    close: () => client.close(),
  };
}
