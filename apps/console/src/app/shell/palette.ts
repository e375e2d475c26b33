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

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Until the palette is there and hears its keys itself. */
export const keepKey = (event: KeyboardEvent): void => {
  if (listener !== undefined || isTyping(event.target)) return;
  const isPalette = event.key === '/' || (event.key === 'k' && (event.ctrlKey || event.metaKey));
  if (!isPalette && event.key !== '?') return;
  event.preventDefault();
  ask(isPalette ? 'palette' : 'shortcuts');
};

/** The palette itself listens, for as long as it is there. */
export const onOpen = (open: (what: Opens) => void): (() => void) => {
  listener = open;
  if (waiting !== undefined) open(waiting);
  waiting = undefined;
  return () => {
    listener = undefined;
  };
};
