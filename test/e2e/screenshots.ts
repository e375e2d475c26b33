/** `npm run screenshots`: every page of the console, light and dark, at three widths, into screenshots/. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { buildConsole, launchBrowser, openPage, settle } from '../kit/browser.ts';
import {
  createFirstOrganization,
  furnish,
  openedStates,
  operatorPages,
  organizationPages,
  setUpOperator,
} from '../kit/console-pages.ts';
import { launchServer } from '../kit/spawn-server.ts';

const target = 'screenshots';
const widths = [360, 820, 1280] as const;
const only = process.argv.slice(2);

const shoot = async (page: Page, name: string): Promise<void> => {
  if (only.length > 0 && !only.includes(name)) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of widths) {
      await page.setViewportSize({ width, height: width < 600 ? 780 : 800 });
      await settle(page);
      await page.screenshot({ path: join(target, `${name}-${colorScheme}-${width}.png`) });
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
};

buildConsole();
mkdirSync(target, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'latchkey-screenshots-'));
const server = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error' });
const browser = await launchBrowser();
try {
  const { page, complaints } = await openPage(
    await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } }),
  );
  await page.goto(server.origin);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await shoot(page, 'set-up');
  await setUpOperator(page, server.origin, server.setupCode ?? '');
  await shoot(page, 'organization-new');
  for (const [name, path] of Object.entries(operatorPages)) {
    if (only.length > 0 && !only.includes(name)) continue;
    await page.goto(`${server.origin}/operator${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await shoot(page, name);
  }
  await page.goto(`${server.origin}/operator/organizations/new`);
  await createFirstOrganization(page, 'Acme', 'acme.com');
  await page.getByRole('heading', { level: 1, name: 'Acme' }).waitFor();
  await shoot(page, 'overview-empty');
  const start = page.url();
  await furnish(page, server.origin, 'acme.com');
  for (const [name, path] of Object.entries(organizationPages)) {
    if (only.length > 0 && !only.includes(name)) continue;
    await page.goto(start + path);
    await shoot(page, name);
  }
  for (const [name, { path, open }] of Object.entries(openedStates)) {
    if (only.length > 0 && !only.includes(name)) continue;
    await page.goto(start + path);
    await settle(page);
    await open(page);
    await shoot(page, name);
  }
  for (const complaint of complaints) console.error(complaint);
} finally {
  await browser.close();
  await server.end('SIGTERM');
  rmSync(folder, { recursive: true });
}
