import type { RangeKey } from './store.ts';

/** Where pages of lists have ended, in the memory of this node: paging by number then costs the same on every page. */
export const bookmarks = (most = 10_000) => {
  const known = new Map<string, RangeKey>();
  return {
    get: (name: string): RangeKey | undefined => known.get(name),
    set: (name: string, key: RangeKey): void => {
      known.delete(name);
      known.set(name, key);
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
    },
  };
};
