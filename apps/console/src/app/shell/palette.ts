/** What opens the command palette and the list of keys. The palette is loaded after the page: what was asked before is kept for it. */
type Opens = 'palette' | 'shortcuts';

let waiting: Opens | undefined;
let listener: ((what: Opens) => void) | undefined;

const ask = (what: Opens): void => {
  if (listener === undefined) waiting = what;
  else listener(what);
};
export const openPalette = (): void => ask('palette');
export const openShortcuts = (): void => ask('shortcuts');

/** The palette itself listens, for as long as it is there. */
export const onOpen = (open: (what: Opens) => void): (() => void) => {
  listener = open;
  if (waiting !== undefined) open(waiting);
  waiting = undefined;
  return () => {
    listener = undefined;
  };
};
