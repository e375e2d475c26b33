/** Moves in small batches and says so after each, to be killed in the middle: `mover.ts FILE URL BATCH`. */
import { moveStorage } from '../../apps/server/src/storage/move.ts';

const [from = '', to = '', batch = ''] = process.argv.slice(2);
await moveStorage({
  from,
  to,
  now: Date.now,
  batch: Number(batch),
  progress: (table, rows) => process.stdout.write(`${table} ${rows}\n`),
});
