// Starts the writer thread from TypeScript sources: a worker's own file can't be TypeScript on Node 20.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.entry);
