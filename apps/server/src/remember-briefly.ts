/** Milliseconds. What an administrator changes is to be followed within 2 s. */
const BRIEFLY = 1000;
const MOST = 10_000;

/**
 * Remembers each answer for a second, and lets those who ask at the same time share one. For facts that every sign-in asks for and
 * that change rarely; a failure is not remembered.
 */
export const rememberBriefly = <Answer>(
  ask: (key: string) => Promise<Answer>,
  /** Milliseconds that never jump. */
  monotonicNow: () => number,
): ((key: string) => Promise<Answer>) => {
  const known = new Map<string, { readonly until: number; readonly answer: Promise<Answer> }>();
  return (key) => {
    const now = monotonicNow();
    const entry = known.get(key);
    if (entry !== undefined && now < entry.until) return entry.answer;
    if (known.size >= MOST) known.clear();
    // Counted from the question: the answer was true then or later.
    const answer = ask(key);
    known.set(key, { until: now + BRIEFLY, answer });
    answer.catch(() => known.delete(key));
    return answer;
  };
};
