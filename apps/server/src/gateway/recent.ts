/**
 * Reads that may be this old, counted from before the read began, and no older: one that takes longer itself is refused. Those who ask
 * meanwhile share it. What failed is not kept. When there are too many the oldest go.
 */
export const recent = <T>(needs: {
  readonly maxAge: number;
  readonly maxEntries: number;
  readonly monotonicNow: () => number;
}): ((key: string, read: () => Promise<T>) => Promise<T>) => {
  const kept = new Map<string, { readonly at: number; readonly value: Promise<T> }>();
  return async (key, read) => {
    const now = needs.monotonicNow();
    let entry = kept.get(key);
    if (entry === undefined || now - entry.at >= needs.maxAge) {
      const made = { at: now, value: read() };
      // A Map is in the order of insertion: what is read anew is put last, what is first is dropped.
      kept.delete(key);
      kept.set(key, made);
      const [oldest] = kept.keys();
      if (kept.size > needs.maxEntries && oldest !== undefined) kept.delete(oldest);
      made.value.catch(() => {
        if (kept.get(key) === made) kept.delete(key);
      });
      entry = made;
    }
    const value = await entry.value;
    if (needs.monotonicNow() - entry.at > needs.maxAge) throw new Error('the storage answered too late to rely on');
    return value;
  };
};
