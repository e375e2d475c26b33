/** `return` of the sign-in's address, if it leads to this very server: a foreign address would send the signed-in elsewhere. */
export const ownPath = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || !value.startsWith('/')) return undefined;
  // As a browser reads it: `//host`, `/\host` and tabs in between lead away.
  const here = 'https://here.invalid';
  const url = URL.parse(value, here);
  return url?.origin === here ? url.pathname + url.search + url.hash : undefined;
};
