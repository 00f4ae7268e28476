import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';

export interface CheckpointData {
  /** URL of this module; the boot file needs it. */
  entry: string;
  /** Path of the database file, which exists and is in WAL mode. */
  database: string;
}

/** Empty when all went well. */
export interface CheckpointReport {
  error?: string;
}

const port = parentPort as MessagePort;
const db = new Sqlite((workerData as CheckpointData).database, { fileMustExist: true });
// The log is synced before its pages are copied, and the database after: durable, whatever the writer's setting.
db.pragma('synchronous = NORMAL');
db.pragma('cache_size = -64');

port.on('message', (message: 'go' | 'close') => {
  if (message === 'go') return port.postMessage(checkpoint());
  db.close();
  port.close();
});

/** Never waits for anybody: what readers still need stays in the log until the next time. */
function checkpoint(): CheckpointReport {
  try {
    db.pragma('wal_checkpoint(PASSIVE)');
    return {};
  } catch (error) {
    return { error: String(error) };
  }
}
