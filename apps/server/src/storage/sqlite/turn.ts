/** Resolves when sockets and timers have had their turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** How long promise continuations may keep sockets and timers waiting, in milliseconds. */
const limit = 8;

let turn: number | undefined;

/** Whether the running turn of the event loop has lasted so long that a query should step aside first. */
export const isTurnOver = (): boolean => {
  if (turn === undefined) {
    turn = performance.now();
    setImmediate(() => {
      turn = undefined;
    });
    return false;
  }
  return performance.now() - turn > limit;
};
