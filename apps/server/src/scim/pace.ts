/** Whether one more is within so many a second; counted in the memory of this node. */
export const createPace = (monotonicNow: () => number): ((name: string, perSecond: number) => boolean) => {
  let second = 0;
  let counts = new Map<string, number>();
  return (name, perSecond) => {
    const now = Math.floor(monotonicNow() / 1000);
    if (now !== second) {
      second = now;
      counts = new Map();
    }
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count <= perSecond;
  };
};
