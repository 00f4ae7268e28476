import PouchDB from 'pouchdb';

/** Replication into LevelDB on this machine's disk, 1,000 documents a batch. */
export async function join(url, folder) {
  const local = new PouchDB(`${folder}/local`);
  return {
    pull: () => local.replicate.from(`${url}/c1`, { batch_size: 1000 }),
    async nodes() {
      const { rows } = await local.allDocs({ include_docs: true });
      return rows.map(({ doc }) => ({ ...doc, id: doc._id }));
    },
  };
}
