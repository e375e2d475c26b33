import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole, hasBrowser, launchBrowser, openPage } from '../kit/browser.ts';
import { createFirstOrganization, setUpOperator } from '../kit/console-pages.ts';
import { type LaunchedServer, launchServer } from '../kit/spawn-server.ts';

describe.skipIf(!hasBrowser)('data and retention in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-data-'));
  let server: LaunchedServer;
  let browser: Awaited<ReturnType<typeof launchBrowser>>;
  beforeAll(async () => {
    buildConsole();
    server = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error' });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGTERM');
    rmSync(folder, { recursive: true });
  });

  test('keeping less is typed and holds at once; what agents collect waits for activation', async () => {
    const { page, complaints } = await openPage(await browser.newContext({ locale: 'en-GB' }));
    await setUpOperator(page, server.origin, server.setupCode ?? '');
    await createFirstOrganization(page, 'Acme', 'acme.com');
    const rail = page.getByRole('navigation', { name: 'Areas' });
    await rail.getByRole('link', { name: 'Administration', exact: true }).click();
    await rail.getByRole('link', { name: 'Data & retention', exact: true }).click();

    await page.getByLabel('Audit events').fill('60');
    await page.getByLabel('Details of sign-ins in them').fill('30');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const question = page.getByRole('dialog', { name: 'Keep less?' });
    await question.getByText('Audit events older than 60 days.').waitFor();
    expect(await question.getByRole('button', { name: 'Keep less' }).isDisabled()).toBe(true);
    await question.getByLabel('Type remove to confirm').fill('remove');
    await question.getByRole('button', { name: 'Keep less' }).click();
    await page.getByText('It holds from now on.').waitFor();
    await page.reload();
    expect(await page.getByLabel('Audit events').inputValue()).toBe('60 days');

    await page.getByRole('switch', { name: 'Host name' }).press('Space');
    await page.getByRole('button', { name: 'Save to the draft' }).click();
    await page.getByRole('link', { name: 'Review and activate' }).click();
    await page
      .getByRole('row', { name: /What agents collect.*Host name.*User name of the operating system, Serial number/ })
      .waitFor();
    expect(complaints).toEqual([]);
  });
});
