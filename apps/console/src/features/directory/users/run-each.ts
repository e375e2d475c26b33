/** What could not be done, and why. */
export interface Failure<Item> {
  readonly item: Item;
  readonly error: unknown;
}

/** So many at a time: a few are faster than one, and the server has others to serve. */
const AT_ONCE = 4;

/** Does one thing to each, a few at a time; what fails does not stop the others. `stopped` is asked before each. */
export const runEach = async <Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
  { onProgress, stopped }: { readonly onProgress: (ended: number) => void; readonly stopped: () => boolean },
): Promise<{ readonly done: readonly Item[]; readonly failures: readonly Failure<Item>[] }> => {
  const done: Item[] = [];
  const failures: Failure<Item>[] = [];
  const waiting = [...items];
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = stopped() ? undefined : waiting.shift()) {
      try {
        await act(item);
        done.push(item);
      } catch (error) {
        failures.push({ item, error });
      }
      onProgress(done.length + failures.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { done, failures };
};
