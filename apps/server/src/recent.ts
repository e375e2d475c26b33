/**
 * Reads that may be this old, counted from before the read began. Those who ask meanwhile share it. What failed is not kept. When there are
 * too many the oldest go.
 */
export const recent = <T>(needs: {
  readonly maxAge: number;
  readonly maxEntries: number;
  readonly monotonicNow: () => number;
}): ((key: string, read: () => Promise<T>) => Promise<T>) => {
  const kept = new Map<string, { readonly at: number; readonly value: Promise<T> }>();
  return (key, read) => {
    const now = needs.monotonicNow();
    const known = kept.get(key);
    if (known !== undefined && now - known.at < needs.maxAge) return known.value;
    const made = { at: now, value: read() };
    // A Map is in the order of insertion: what is read anew is put last, what is first is dropped.
    kept.delete(key);
    kept.set(key, made);
    const [oldest] = kept.keys();
    if (kept.size > needs.maxEntries && oldest !== undefined) kept.delete(oldest);
    made.value.catch(() => {
      if (kept.get(key) === made) kept.delete(key);
    });
    return made.value;
  };
};
