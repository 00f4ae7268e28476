import { join } from 'node:path';
import express from 'express';
import serverOf from 'express-pouchdb';
import PouchDB from 'pouchdb';
import { digestOf } from '../nodes.mjs';

/** A database for each channel, in LevelDB. */
export async function serve(folder, channels) {
  const Stored = PouchDB.defaults({ prefix: `${folder}/` });
  const app = express();
  app.use(
    '/db',
    serverOf(Stored, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: join(folder, 'log.txt') }),
  );
  const databases = Array.from({ length: channels }, (_, i) => new Stored(`c${i + 1}`));
  await Promise.all(databases.map((database) => database.info()));
  const server = await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  return {
    url: `http://127.0.0.1:${server.address().port}/db`,
    async rows() {
      const infos = await Promise.all(databases.map((database) => database.info()));
      return infos.reduce((sum, { doc_count }) => sum + doc_count, 0);
    },
    async stop() {
      const all = await Promise.all(databases.map((database) => database.allDocs({ include_docs: true })));
      return digestOf(all.flatMap(({ rows }) => rows.map(({ doc }) => ({ ...doc, id: doc._id }))));
    },
  };
}
