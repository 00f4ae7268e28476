/** What is measured side by side, and what an answer of each means. */
export const SYSTEMS = [
  {
    name: 'Cambium',
    folder: 'cambium',
    env: { SYNCHRONOUS: 'FULL' },
    durability: 'SQLite, WAL FULL: survives power loss',
    answer: 'a verdict for each change',
  },
  {
    name: 'Cambium, NORMAL',
    folder: 'cambium',
    env: { SYNCHRONOUS: 'NORMAL' },
    durability: 'SQLite, WAL NORMAL: survives a killed process',
    answer: 'a verdict for each change',
  },
  {
    name: 'express-pouchdb 4.2.0',
    folder: 'pouchdb',
    durability: 'LevelDB, not synced: survives a killed process',
    answer: 'a verdict for each document',
  },
  {
    name: 'rxdb-server 15.22.0',
    folder: 'rxdb',
    durability: 'memory: lost with the process',
    answer: 'the conflicts of the batch',
  },
  {
    name: 'Hocuspocus 4.7.0',
    folder: 'hocuspocus',
    durability: 'memory, then SQLite after 2 s of quiet',
    answer: 'one for the batch',
  },
  {
    name: 'TinyBase 10.0.1',
    folder: 'tinybase',
    durability: 'memory: lost with the process',
    answer: 'none; waits for the rows',
  },
];
