/**
 * The process that is killed: many callers write through the storage engine, and each answer is written to standard output at once,
 * as one line. Arguments: the database, how many callers, transactions for each (0: without end), pages of WAL between checkpoints.
 */
import { openSqlite } from '../../apps/server/src/storage/sqlite/open-sqlite.ts';
import { rowName, stateName } from './ledger.ts';

/** Waits until the line has left: standard output to a pipe is synchronous on Linux. */
const answer = (line: string): boolean => process.stdout.write(line);

const [path = '', callers = '', each = '', walPages = ''] = process.argv.slice(2);
const storage = await openSqlite({ path, now: Date.now, walPages: Number(walPages) });
answer('ready\n');

const write = async (caller: number): Promise<void> => {
  const before = Number((await storage.server.findFact(stateName(caller))) ?? 0);
  for (let count = before + 1; Number(each) === 0 || count <= before + Number(each); count += 1) {
    await storage.serverTransaction(async (store) => {
      await store.saveFact(rowName(caller, count), '.'.repeat((count * 373) % 5000));
      await store.saveFact(stateName(caller), String(count));
    });
    answer(`written ${caller} ${count}\n`);
    // What a read hands out must be on disk as well: most of the time another caller's commit is on its way there.
    const other = (caller + 1) % Number(callers);
    answer(`read ${other} ${(await storage.server.findFact(stateName(other))) ?? 0}\n`);
  }
};

await Promise.all(Array.from({ length: Number(callers) }, (_, caller) => write(caller)));
answer('done\n');
// Without closing: the checkpoint of a clean end would hide what is missing.
process.kill(process.pid, 'SIGKILL');
