import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const program = '/usr/bin/chromium';

/** Whether Debian's Chromium is there; test/interop/run.sh installs it. */
export const hasBrowser = existsSync(program);

/** The console as it stands in the source. */
export const buildConsole = (): void => {
  execFileSync(process.execPath, [fileURLToPath(new URL('../../apps/console/build.ts', import.meta.url)), '--when-stale']);
};

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: program, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });

/** A page that keeps what its console complained of: violations of the policy and errors of the page are found there. */
export const openPage = async (context: BrowserContext): Promise<{ readonly page: Page; readonly complaints: string[] }> => {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // Chromium says of each refused request that it failed; those are asserted where they are meant.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  return { page, complaints };
};

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core')), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe-core finds on the page that is serious or critical. */
export const seriousFindings = async (page: Page): Promise<readonly string[]> => {
  // By the debugging protocol: the page's own policy lets no such script in.
  await page.evaluate(axe);
  const findings: AxeResults = await page.evaluate(`axe.run({ runOnly: ${JSON.stringify(rules)} })`);
  return findings.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`));
};

/** Waits until a page has what it shows. */
export const settle = async (page: Page): Promise<void> => {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
  await page.evaluate('document.fonts.ready');
};

/** What axe-core finds on a page as light and English, and as dark and German. */
export const findingsInBothThemes = async (
  page: Page,
  url: string,
  /** What is opened on it: a drawer, a window, a menu. */
  open: (page: Page) => Promise<void> = async () => undefined,
): Promise<readonly string[]> => {
  const findings: string[] = [];
  for (const [colorScheme, language] of [
    ['light', 'en'],
    ['dark', 'de'],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate((chosen) => localStorage.setItem('latchkey-language', chosen), language);
    // What differs behind the # alone would not be loaded anew.
    await page.goto('about:blank');
    await page.goto(url);
    await settle(page);
    await open(page);
    findings.push(...(await seriousFindings(page)).map((each) => `${colorScheme}: ${each}`));
  }
  return findings;
};
