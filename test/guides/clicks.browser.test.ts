import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole, hasBrowser, launchBrowser, openPage } from '../kit/browser.ts';
import { totpCode } from '../kit/console.ts';
import { PASSWORD } from '../kit/console-pages.ts';
import { type LaunchedServer, launchServer } from '../kit/spawn-server.ts';
import { readGuide, type Step } from './read-guide.ts';
import { openTerminal } from './terminal.ts';

/** What is drawn beside such an input would take the click. */
const choose = async (found: Locator): Promise<void> => {
  if (!(await found.isChecked())) await found.press('Space');
};

/** What a guide may tell its reader to press, each with what pressing it is. */
const pressed = {
  button: (found: Locator) => found.click(),
  link: (found: Locator) => found.click(),
  tab: (found: Locator) => found.click(),
  menuitem: (found: Locator) => found.click(),
  radio: choose,
  checkbox: choose,
  switch: choose,
} as const;
type Role = keyof typeof pressed;
const roles = Object.keys(pressed) as readonly Role[]; // the keys of the object above

const PATIENCE = 20_000;

/** What has this name, in the window that is open or else on the page, as soon as it is there. Of several the last: a page comes after the rail. */
const findPressable = async (page: Page, name: string): Promise<{ readonly role: Role; readonly found: Locator }> => {
  const scopes = [page.getByRole('dialog').filter({ visible: true }).last(), page.getByRole('main'), page.locator('body')];
  for (const end = Date.now() + PATIENCE; Date.now() < end; await page.waitForTimeout(50)) {
    for (const scope of scopes) {
      for (const role of roles) {
        // Some explain themselves below their name.
        const found = scope.getByRole(role, { name: new RegExp(`^${name}(\\s|$)`) }).last();
        if ((await found.count()) > 0 && (await found.isEnabled())) return { role, found };
      }
    }
  }
  throw new Error(`There is nothing to press that is called "${name}".`);
};

describe.skipIf(!hasBrowser)('the clicks of the guides do what the guides say, from an empty server on', () => {
  const home = mkdtempSync(join(tmpdir(), 'latchkey-guides-'));
  let server: LaunchedServer;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let terminal: ReturnType<typeof openTerminal>;
  beforeAll(async () => {
    buildConsole();
    server = await launchServer(join(home, 'data'), { LATCHKEY_LOG_LEVEL: 'error' });
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(await browser.newContext({ locale: 'en-GB' })));
    page.setDefaultTimeout(PATIENCE);
    terminal = openTerminal({ home, origin: server.origin, words: { CODE: server.setupCode ?? '', PASSWORD } });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGTERM');
    rmSync(home, { recursive: true });
  });

  /** What the reader types, who looks at the authenticator app for it if need be. */
  const typed = async (value: string): Promise<string> =>
    value === 'DIGITS' ? totpCode((await page.locator('code').first().textContent()) ?? '', Date.now()) : terminal.fill(value);

  const follow = async (step: Step, machine: string): Promise<void> => {
    if (step.kind === 'command') {
      terminal.look((await page.locator('body').textContent()) ?? '');
      return terminal.run(step, machine);
    }
    if (step.kind === 'open') {
      await page.goto(terminal.fill(step.address));
      return;
    }
    if (step.kind === 'see') {
      const seen = page.getByText(step.text).filter({ visible: true }).first();
      await seen.waitFor();
      // What is shown once is copied now.
      terminal.look((await page.locator('body').textContent()) ?? '');
      return;
    }
    if (step.kind === 'fill') {
      // A field that must be filled has a star.
      const field = page.getByLabel(new RegExp(`^${step.name}( [*])?$`));
      await field.fill(await typed(step.value));
      return;
    }
    const { role, found } = await findPressable(page, step.name);
    await pressed[role](found);
  };

  test.each([
    ['first-device', 'laptop'],
    ['device-token', 'contractor'],
    ['activation', 'laptop'],
  ] as const)('%s', { timeout: 300_000 }, async (name, machine) => {
    for (const step of readGuide(name, 'In the console')) {
      await follow(step, machine).catch((cause: unknown) => {
        throw new Error(`docs/guides/${name}.md: ${JSON.stringify(step)}`, { cause });
      });
    }
    expect(complaints).toEqual([]);
  });
});
