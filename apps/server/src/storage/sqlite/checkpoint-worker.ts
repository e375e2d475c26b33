import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * Copies the WAL into the database, with every fsync on this thread. `synchronous=full`: SQLite syncs the WAL before it copies, and
 * the database before the WAL may be used anew (https://www.sqlite.org/wal.html#checkpointing).
 */
const database = new DatabaseSync(workerData.path, { timeout: 5000 });
database.exec('pragma synchronous=full; pragma wal_autocheckpoint=0');
database.exec(`pragma journal_size_limit=${workerData.walLimit}`);
const copy = database.prepare('pragma wal_checkpoint(passive)');
// A write that changes nothing. After a complete copy the first write starts the WAL over: its header is written and synced here, and
// the main thread never has to.
const restart = database.prepare('pragma user_version=1');

parentPort?.on('message', (task: 'copy' | 'restart' | 'close') => {
  if (task === 'close') {
    database.close();
    parentPort?.close();
    return;
  }
  copy.get();
  if (task === 'restart') restart.run();
  parentPort?.postMessage(task);
});
