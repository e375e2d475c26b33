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
const progress = database.prepare('pragma wal_checkpoint(noop)');

// After a complete copy the first write starts the WAL over, and has to sync its new header. While this connection reads, nobody can;
// then a write that changes nothing does it here, so that the thread that answers requests never has to.
const pin = new DatabaseSync(workerData.path, { readOnly: true, timeout: 5000 });
const restart = database.prepare('pragma user_version=1');

/** A read that happens to run keeps the WAL from being started over for as long: it is tried again so many times, a millisecond apart. */
const tries = 10;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** True if the WAL was started over, or cannot be now because somebody reads an old state. */
const startOver = (): boolean => {
  const { log: before, checkpointed } = copy.get() ?? {};
  restart.run();
  // Not copied: a complete copy would leave the next start to the other thread.
  const { log: after } = progress.get() ?? {};
  return Number(checkpointed) < Number(before) || Number(after) < Number(before);
};

const tasks = {
  /** Writes may go on meanwhile; how many pages of theirs are not copied. */
  copy: (): number => {
    if (pin.isTransaction) pin.exec('commit'); // It would keep what was written since from being copied.
    pin.exec('begin; select count(*) from sqlite_schema');
    copy.get();
    const { log, checkpointed } = progress.get() ?? {};
    return Number(log) - Number(checkpointed);
  },
  /** After `copy`, with nothing written meanwhile. */
  restart: (): number => {
    pin.exec('commit');
    for (let count = 0; count < tries && !startOver(); count += 1) Atomics.wait(pause, 0, 0, 1);
    return 0;
  },
};

parentPort?.on('message', (task: keyof typeof tasks | 'close') => {
  if (task !== 'close') {
    parentPort?.postMessage(tasks[task]());
    return;
  }
  pin.close();
  database.close();
  parentPort?.close();
});
