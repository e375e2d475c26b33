import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Takes each SAML message of a sign-in as it goes over the wire. */
export type KeepMessage = (name: string, text: string) => void;

/** Writes them as `NN-name.xml`, going on from what is there; without a folder they are not kept. They hold assertions: mode 0600. */
export const keepMessages = (folder: string | undefined): KeepMessage => {
  if (folder === undefined) return () => undefined;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let last = Math.max(0, ...readdirSync(folder).map((name) => Number(/^(\d+)-.*\.xml$/.exec(name)?.[1] ?? 0)));
  return (name, text) => {
    last += 1;
    writeFileSync(join(folder, `${String(last).padStart(2, '0')}-${name}.xml`), text, { mode: 0o600 });
  };
};
