/** Where a list goes on: in which of its ranges, behind which key. */
export interface Position {
  readonly range: number;
  readonly key: readonly (string | number)[];
}

/**
 * One page of a list. It may be short, even empty, and still have a `next`: what no index can find is looked for in so many rows at a
 * time, so that nobody waits for it.
 */
export interface Found<Item> {
  readonly items: readonly Item[];
  readonly next: Position | undefined;
}

/** How many there are; exact up to 10,000 wherever an index can count them. */
export interface Total {
  readonly total: number;
  readonly totalIsEstimate: boolean;
}

/** What is cut from a list. */
export interface Cut {
  readonly after?: Position;
  readonly limit: number;
}
