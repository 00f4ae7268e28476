import { HocuspocusProvider } from '@hocuspocus/provider';
import * as Y from 'yjs';

/** Its provider, into a document in memory. */
export async function join(url) {
  const document = new Y.Doc();
  return {
    pull: () =>
      new Promise((resolve) => {
        new HocuspocusProvider({ url, name: 'c1', document, token: 'anybody', onSynced: resolve });
      }),
    nodes: () => [...document.getMap('nodes').entries()].map(([id, map]) => ({ id, ...map.toJSON() })),
  };
}
