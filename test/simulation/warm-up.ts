import { nodeDeps, openClient } from '@cambium/client';
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';

let isWarm: Promise<void> | null = null;

/** What a process does once and in real time, such as compiling WebAssembly, is done before the first run. */
export function warmUp(): Promise<void> {
  return (isWarm ??= openOne());
}

async function openOne(): Promise<void> {
  const fetch = () => Promise.resolve(Response.json({ id: '0'.repeat(32), username: 'nobody' }));
  const deps = { ...nodeDeps({ indexedDB: new IDBFactory(), IDBKeyRange }), fetch };
  const client = await openClient({
    server: 'http://simulation',
    token: 'none',
    name: 'warm-up',
    autoSync: false,
    deps,
  });
  await client.close();
}
