import { randomFillSync } from 'node:crypto';

const pool = new Uint8Array(16 * 256);
let used = pool.length;
let lastMillisecond = 0;
let sequence = 0;
let lastMoment = 0;
let momentSequence = -1;

const hexOf = (milliseconds: number): string => milliseconds.toString(16).padStart(12, '0');

const idOf = (prefix: string, milliseconds: number, counter: number): string => {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + 8);
  used += 16;
  const view = new DataView(random.buffer, random.byteOffset, 8);
  const high = ((view.getUint32(0) & 0x3fffffff) | 0x80000000) >>> 0;
  const version = (0x7000 | counter).toString(16);
  return `${prefix}_${hexOf(milliseconds)}${version}${high.toString(16).padStart(8, '0')}${view.getUint32(4).toString(16).padStart(8, '0')}`;
};

/**
 * A new id: prefix and UUIDv7 (RFC 9562 §5.7) without dashes, as `dev_0192f0c0a1b27...`. Ids of one process grow strictly, so they can be
 * keyset-paged: within a millisecond a 12-bit counter (method 1 of §6.2) takes the place of `rand_a`.
 */
export const newId = (prefix: string, now: number = Date.now()): string => {
  if (now > lastMillisecond) {
    lastMillisecond = now;
    sequence = 0;
  } else if (++sequence > 0xfff) {
    lastMillisecond++;
    sequence = 0;
  }
  return idOf(prefix, lastMillisecond, sequence);
};

/**
 * As `newId`, but its time is `at` exactly, even where the clock was set back: ids of one millisecond grow in the order in which they were
 * made, and what lies between two moments is what lies between two ids.
 */
export const newIdAt = (prefix: string, at: number): string => {
  if (at !== lastMoment) momentSequence = -1;
  lastMoment = at;
  momentSequence = (momentSequence + 1) & 0xfff;
  return idOf(prefix, at, momentSequence);
};

/** When an id was made, milliseconds since 1970: its first 48 bits (RFC 9562 §5.7). */
export const timeOfId = (id: string): number => {
  const begin = id.indexOf('_') + 1;
  return Number.parseInt(id.slice(begin, begin + 12), 16) || 0;
};

/** Less than every id of this kind that is made from then on, and greater than every one made before. */
export const firstIdAt = (prefix: string, time: number): string => `${prefix}_${hexOf(Math.max(0, time))}`;
