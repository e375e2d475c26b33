/** Runs one operation; a promise is awaited. */
export type Operation = () => unknown;

export interface Row {
  readonly case: string;
  /** Operations in a second of CPU time. */
  readonly ours: number;
  readonly against: number;
  readonly ratio: number;
}

export interface Rounds {
  readonly rounds: number;
  readonly milliseconds: number;
}

/**
 * Two operations side by side, in turns, so that whatever else the machine does slows both. Rates are by CPU time of this process
 * (all its threads, so garbage collection counts); the ratio is the median of the ratios of the rounds.
 */
export async function compare(name: string, ours: Operation, against: Operation, options?: Partial<Rounds>): Promise<Row> {
  const { rounds, milliseconds } = { rounds: 21, milliseconds: 40, ...options };
  const ourCount = await warmUp(ours, milliseconds);
  const theirCount = await warmUp(against, milliseconds);
  const ourRates: number[] = [];
  const theirRates: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const ourRate = await rate(ours, ourCount);
    const theirRate = await rate(against, theirCount);
    ourRates.push(ourRate);
    theirRates.push(theirRate);
    ratios.push(ourRate / theirRate);
  }
  return {
    case: name,
    ours: Math.round(median(ourRates)),
    against: Math.round(median(theirRates)),
    ratio: round3(median(ratios)),
  };
}

/** Lets the compiler do its work first, then says how many operations make a round. */
async function warmUp(operation: Operation, milliseconds: number): Promise<number> {
  const end = performance.now() + 10 * milliseconds;
  let speed = 0;
  for (let count = 1; performance.now() < end; count = Math.min(count * 2, 1000)) speed = await rate(operation, count);
  return Math.max(1, Math.round((speed * milliseconds) / 1000));
}

/** Operations in a second of CPU time. */
async function rate(operation: Operation, count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let done = 0; done < count; done++) {
    const result = operation();
    if (result instanceof Promise) await result;
  }
  const { user, system } = process.cpuUsage(before);
  return (count * 1e6) / Math.max(1, user + system);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
