import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAgent } from '../kit/agent.ts';
import { buildConsole, hasBrowser, launchBrowser, openPage, seriousFindings } from '../kit/browser.ts';
import { createFirstOrganization, furnish, setUpOperator } from '../kit/console-pages.ts';
import { type LaunchedServer, launchServer } from '../kit/spawn-server.ts';

describe.skipIf(!hasBrowser)('audit, sign-ins, readiness and sessions in a browser', () => {
  let server: LaunchedServer;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let start = '';
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-console-audit-'));
  beforeAll(async () => {
    buildConsole();
    server = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error' });
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(await browser.newContext({ locale: 'en-GB', acceptDownloads: true })));
    await setUpOperator(page, server.origin, server.setupCode ?? '');
    // What operators do has a page of its own; whoever comes later is no operator any more.
    await page.goto(`${server.origin}/operator/audit`);
    await page.getByRole('row', { name: /server.set_up/ }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.goto(`${server.origin}/operator/organizations/new`);
    await createFirstOrganization(page, 'Acme', 'acme.com');
    await page.getByRole('heading', { level: 1, name: 'Acme' }).waitFor();
    start = page.url();
    await furnish(page, server.origin, 'acme.com');
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGTERM');
    rmSync(folder, { recursive: true });
  });

  const open = async (path: string, heading: string): Promise<void> => {
    await page.goto(start.replace(/\/$/, '') + path);
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  };
  /** What somebody else does meanwhile. */
  const put = (path: string, body?: object): Promise<void> =>
    page.evaluate(
      async ({ url, text }) => {
        const headers = { 'latchkey-console': '1', ...(text === undefined ? {} : { 'content-type': 'application/json' }) };
        await fetch(url, { method: 'PUT', headers, ...(text === undefined ? {} : { body: text }) });
      },
      { url: `/api/v1/organizations/${/\/o\/([^/?]+)/.exec(start)?.[1]}${path}`, text: body && JSON.stringify(body) },
    );

  test('a refused sign-in is found by the id that the agent prints, with the reason in words and what to do', async () => {
    await open('/devices/tokens?open=new', 'Device tokens');
    await page.getByLabel('Description').fill('One laptop');
    await page.getByRole('radio', { name: 'Automatic' }).check();
    await page.getByRole('button', { name: 'Create device token' }).last().click();
    await page.getByText('Shown this once').waitFor();
    const token = (await page.getByRole('dialog').locator('code').first().textContent()) ?? '';
    const agent = (...args: readonly string[]) => runAgent(join(folder, 'agent'), args);
    const cloudName = new URL(server.origin).host;
    const words = ['--deviceToken', token, '--userDomain', 'acme.com', '--cloudName', cloudName, '--userName', 'p.quark'];
    expect(await agent('enroll', ...words)).toMatchObject({ status: 0 });
    await open('/devices?q=p.quark', 'Devices');
    await page.getByRole('button', { name: 'p.quark@acme.com' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Quarantine' }).click();
    await page.getByRole('dialog').last().getByRole('button', { name: 'Quarantine' }).click();
    await page.getByRole('row', { name: /p.quark.*In quarantine/ }).waitFor();

    const { stderr } = await agent('sign-in');
    expect(stderr).toContain('device_quarantined');
    await open('/sign-in/sign-ins', 'Sign-ins');
    // As somebody reads it from the screen and sends it: the whole line.
    await page.getByRole('textbox', { name: 'Id on the device’s screen' }).fill(stderr.trim());
    await page.getByRole('row', { name: /p.quark@acme.com.*This device is in quarantine/ }).waitFor();
    expect(page.url()).toMatch(/id=cor_[0-9a-f]{32}/);
    await page.getByRole('button', { name: 'p.quark@acme.com' }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('Sign-in refused').waitFor();
    await drawer.getByText('Look why it is in quarantine; then release it, or remove it.').waitFor();
    await drawer.getByText('Asked, and refused').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await drawer
      .getByRole('link', { name: /dev_|laptop|\w/ })
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });

    await page.getByRole('textbox', { name: 'Id on the device’s screen' }).fill(`cor_${'0'.repeat(32)}`);
    await page.getByText('Nothing is known by this id').waitFor();
    await page.getByRole('button', { name: 'Show all sign-ins' }).click();
    await page.getByRole('row', { name: /j.doe@acme.com.*Signed in/ }).waitFor();
  });

  test('filters of the audit stand in the URL; an event is opened with before and after; what is new is announced', async () => {
    await open('/audit', 'Audit');
    await page.getByRole('button', { name: 'Add filter' }).click();
    await page.getByLabel('Action', { exact: true }).and(page.locator('input')).fill('device.quarantined');
    await page.getByRole('option', { name: 'device.quarantined' }).click();
    await page.getByRole('list', { name: 'Filters' }).getByText('device.quarantined').waitFor();
    await page.getByLabel('Time', { exact: true }).selectOption('24h');
    expect(page.url()).toContain('action=device.quarantined');
    expect(page.url()).toContain('last=24h');
    await page.reload();
    await page
      .getByRole('row', { name: /device.quarantined/ })
      .first()
      .waitFor();
    await page
      .getByRole('row', { name: /device.quarantined/ })
      .last()
      .getByRole('button')
      .click();
    const drawer = page.getByRole('dialog', { name: 'device.quarantined' });
    const change = drawer.getByRole('table', { name: 'What it has changed' });
    await change.getByRole('row', { name: 'Value registered quarantined' }).waitFor();
    expect(page.url()).toContain('open=evt_');
    expect(await seriousFindings(page)).toEqual([]);
    await drawer.getByRole('button', { name: 'about the same' }).click();
    await page.getByRole('row', { name: /device.enrolled/ }).waitFor();
    await page.getByRole('button', { name: 'Remove filter To what' }).click();

    const rows = await page.getByRole('row').count();
    await put('/domains/new.example');
    await page.getByRole('button', { name: /1 new event/ }).waitFor();
    expect(await page.getByRole('row').count()).toBe(rows);
    await page.getByRole('button', { name: /1 new event/ }).click();
    await page.getByRole('row', { name: /domain.claimed/ }).waitFor();
  });

  test('what the filters find is exported, for spreadsheets and line by line', async () => {
    await open('/audit?action=sign_in.accepted', 'Audit');
    const lines: number[] = [];
    for (const name of ['NDJSON, a line of JSON each', 'CSV, for spreadsheets']) {
      const waiting = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByRole('menuitem', { name }).click();
      const text = readFileSync(await (await waiting).path(), 'utf8').trimEnd();
      expect(text.split('\n').filter((line) => !line.includes('sign_in.accepted')).length).toBeLessThan(2);
      lines.push(text.split('\n').length);
      await page.getByRole('menu').waitFor({ state: 'detached' });
    }
    const [ndjson = 0, csv] = lines;
    expect(ndjson).toBeGreaterThan(0);
    // It begins with the names of its columns.
    expect(csv).toBe(ndjson + 1);
  });

  test('readiness tells before the activation who would be locked out, and leads to what to do', async () => {
    await open('/sign-in/readiness', 'Readiness');
    await page.getByText('Activating locks out nobody who can sign in today').waitFor();
    await page.getByRole('row', { name: /l.novak@acme.com.*Has none today either/ }).waitFor();
    await put('/settings/draft', { identityProviders: [], defaultIdp: null });
    await page.getByText('Activating the draft now would lock out users who can sign in today:').waitFor();
    await page.getByRole('row', { name: /j.doe@acme.com.*Loses the way in.*Latchkey/ }).waitFor();
    await page.getByRole('switch', { name: 'Only who can sign in today' }).check({ force: true });
    await page.getByRole('row', { name: /l.novak@acme.com/ }).waitFor({ state: 'detached' });
    expect(page.url()).toContain('newly=true');
    await page.getByRole('link', { name: 'Review the changes' }).click();
    await page.getByRole('heading', { level: 1, name: 'Changes' }).waitFor();
    await page.getByRole('link', { name: 'Who would be locked out?' }).click();
    await page.getByRole('heading', { level: 1, name: 'Readiness' }).waitFor();
  });

  test('a session is ended after saying what happens; several at once; others that end disappear by themselves', async () => {
    await open('/sign-in/sessions?q=k.tanaka', 'Sessions');
    await page.getByRole('button', { name: 'End the session of k.tanaka@acme.com' }).click();
    const question = page.getByRole('dialog', { name: 'End the session of k.tanaka@acme.com?' });
    await question.getByText('within 2 seconds').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await question.getByRole('button', { name: 'End', exact: true }).click();
    await page.getByText('Nothing matches these filters.').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('row', { name: /j.doe@acme.com/ }).waitFor();
    await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
    await page.getByRole('toolbar').getByRole('button', { name: 'End', exact: true }).click();
    await page
      .getByRole('dialog', { name: /End \d+ sessions\?/ })
      .getByRole('button', { name: 'End', exact: true })
      .click();
    await page.getByText('Nobody is signed in').waitFor();
    await open('/audit?action=session.ended', 'Audit');
    await expect.poll(() => page.getByRole('row', { name: /session.ended/ }).count()).toBeGreaterThan(2);
    expect(complaints).toEqual([]);
  });
});
