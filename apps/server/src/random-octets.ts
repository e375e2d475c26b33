import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4096);
let used = pool.length;

/** Random octets of a Buffer of their own, from a pool: asking the system for each costs ten times as much. Not for keys. */
export const randomOctets = (length: number): Buffer => {
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const octets = Buffer.from(pool.subarray(used, used + length));
  // What was handed out does not stay behind.
  pool.fill(0, used, used + length);
  used += length;
  return octets;
};
