import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentRun, runAgent } from '../kit/agent.ts';
import { buildConsole, findingsInBothThemes, hasBrowser, launchBrowser, openPage } from '../kit/browser.ts';
import {
  createFirstOrganization,
  fillSetUp,
  furnish,
  openedStates,
  operatorPages,
  organizationPages,
  outsidePages,
  PASSWORD,
  setUpOperator,
} from '../kit/console-pages.ts';
import { startNameServer, type TestNameServer } from '../kit/dns.ts';
import { type LaunchedServer, launchServer } from '../kit/spawn-server.ts';

/** `latchkey-agent` is refused with this (docs/guides/agent.md). */
const REFUSED = 4;

describe.skipIf(!hasBrowser)('the console in a browser, against a server on an empty database', () => {
  let server: LaunchedServer;
  let names: TestNameServer;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let deviceToken = '';
  /** The address of the organization. */
  let start = '';
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-console-'));
  beforeAll(async () => {
    buildConsole();
    names = await startNameServer();
    server = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error', LATCHKEY_DNS_SERVERS: names.address });
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(await browser.newContext({ locale: 'en-GB' })));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGTERM');
    await names?.close();
    rmSync(folder, { recursive: true });
  });

  /** Along the rail. */
  const go = async (...links: readonly string[]): Promise<void> => {
    const rail = page.getByRole('navigation', { name: 'Areas' });
    for (const name of links) await rail.getByRole('link', { name, exact: true }).last().click();
  };
  const heading = (name: string) => page.getByRole('heading', { level: 1, name });
  const banner = () => page.getByRole('region', { name: 'Saved, not active yet.' });
  const agent = (...args: readonly string[]): Promise<AgentRun> => runAgent(join(folder, 'agent'), args);
  const enroll = (userName: string): Promise<AgentRun> =>
    agent(
      'enroll',
      '--deviceToken',
      deviceToken,
      '--userDomain',
      'acme.com',
      '--cloudName',
      new URL(server.origin).host,
      '--userName',
      userName,
    );

  test('set up: the one-time code, a second factor, the first organization with its domain and administrator', async () => {
    await setUpOperator(page, server.origin, server.setupCode ?? '');
    await createFirstOrganization(page, 'Acme', 'acme.com');
    await heading('Acme').waitFor();
    await page.getByText('1 of 5 done').waitFor();
  });

  test('a device token is created, shown once, with lines to deploy it', async () => {
    await go('Devices', 'Device tokens');
    await page.getByRole('button', { name: 'Create device token' }).first().click();
    await page.getByLabel('Description').fill('Laptops');
    await page.getByRole('radio', { name: 'Automatic' }).check();
    await page.getByRole('button', { name: 'Create device token' }).last().click();
    await page.getByText('Shown this once').waitFor();
    await page.getByText('latchkey-agent enroll --deviceToken - --userDomain acme.com').waitFor();
    deviceToken = (await page.getByRole('dialog').locator('code').first().textContent()) ?? '';
    await page.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByRole('row', { name: /Laptops.*Live/ }).waitFor();
    expect(await page.content()).not.toContain(deviceToken);
  });

  test('two more domains are claimed, and proved by the DNS records that the console says', async () => {
    await go('Sign-in', 'Domains');
    for (const name of ['acme.net', 'acme.org']) {
      await page.getByRole('button', { name: 'Claim domain' }).first().click();
      await page.getByRole('dialog').getByLabel('Domain').fill(name);
      await page.getByRole('dialog').getByRole('button', { name: 'Claim domain' }).click();
      const [record, value] = [page.getByText(`_latchkey-challenge.${name}`), page.getByText(/^latchkey-domain=/)];
      await page.getByRole('button', { name: 'Check now' }).click();
      await page.getByText('The record is not there yet.').waitFor();
      names.records.set((await record.textContent()) ?? '', [(await value.textContent()) ?? '']);
      await page.getByRole('button', { name: 'Check now' }).click();
      await page.getByText('The record is there.').waitFor();
      await page.getByRole('button', { name: 'Close', exact: true }).last().click();
      await page.getByRole('row', { name: new RegExp(`${name}.*Proved`) }).waitFor();
    }
  });

  test('a first version is activated, without any identity provider', async () => {
    await go('Authentication profile');
    await page.getByLabel('Session of a device').fill('600');
    await page.getByRole('button', { name: 'Save' }).click();
    await banner().getByRole('link', { name: 'Review and activate' }).click();
    await page.getByRole('button', { name: 'Activate', exact: true }).click();
    await banner().waitFor({ state: 'detached' });
  });

  test('the device IdP is added for two of three domains; until it is active a real agent is refused', async () => {
    await go('Sign-in', 'Identity providers');
    await page.getByRole('button', { name: 'Add Latchkey as IdP' }).first().click();
    await page.getByRole('radio', { name: 'Chosen domains' }).check();
    for (const name of ['acme.com', 'acme.org']) await page.getByRole('checkbox', { name }).check();
    await page.getByRole('radio', { name: 'Enable', exact: true }).check({ force: true });
    await page.getByRole('button', { name: 'Save' }).click();
    await banner().waitFor();
    await go('Overview');
    await heading('Acme').waitFor();
    await banner().waitFor();
    expect((await enroll('j.doe')).status).toBe(REFUSED);
  });

  test('it is reviewed side by side and activated: the same agent enrolls, and its device appears by itself', async () => {
    await banner().getByRole('link', { name: 'Review and activate' }).click();
    await page.getByRole('row', { name: /Domains.*acme.com, acme.org/ }).waitFor();
    await page.getByLabel('Comment').fill('Devices sign in');
    await page.getByRole('button', { name: 'Activate', exact: true }).click();
    await banner().waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /Ada Admin.*Devices sign in.*Live/ }).waitFor();

    await go('Devices');
    await page.getByText('No device has enrolled yet').waitFor();
    expect(await enroll('j.doe')).toMatchObject({ status: 0 });
    await page.getByRole('row', { name: /j.doe@acme.com.*Registered/ }).waitFor();
    expect(await agent('sign-in')).toMatchObject({ status: 0 });
    await page.getByRole('button', { name: 'j.doe@acme.com' }).click();
    await page.getByRole('dialog').getByText('Registered').waitFor();
    expect(page.url()).toContain('open=dev_');
  });

  test('its user is opened from the device: the account that the first sign-in has made', async () => {
    await page.getByRole('dialog').getByRole('link', { name: 'j.doe@acme.com' }).click();
    await heading('Users').waitFor();
    await page.getByRole('dialog').getByText('j.doe@acme.com').first().waitFor();
    expect(page.url()).toContain('open=usr_');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('the overview counts what has happened', async () => {
    await go('Overview');
    await page.getByRole('link', { name: '1 Devices' }).waitFor();
    await page.getByRole('img', { name: /^Sign-ins: 1 in all/ }).waitFor({ timeout: 60_000 });
    await page.getByText('Everything is set up').waitFor();
  });

  test('rolled back to the version before, the next sign-in is refused', async () => {
    await go('Changes');
    await page.getByRole('row', { name: /^1 / }).getByRole('button', { name: 'Make live again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make live again' }).click();
    await page.getByRole('row', { name: /^3 .*Live/ }).waitFor();
    expect((await agent('sign-in')).status).toBe(REFUSED);
  });

  test('the prerequisite of the device IdP is refused with what to do; one click does it', async () => {
    await go('Sign-in', 'Identity providers');
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Add external IdP' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Okta');
    await page.getByRole('textbox', { name: 'Id', exact: true }).fill('okta');
    await page.getByRole('textbox', { name: 'Address of its sign-in page' }).fill('https://okta.example/');
    await page.getByRole('checkbox', { name: 'acme.net' }).check();
    await page.getByRole('switch', { name: 'Enable SAML auto-provisioning' }).check({ force: true });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('article', { name: 'Okta' }).waitFor();
    await go('Authentication profile');
    await page.getByRole('radio', { name: 'Directory' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await go('Identity providers');
    await page.getByRole('button', { name: 'Add Latchkey as IdP' }).first().click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('This cannot stand as it is').waitFor();
    await page.getByRole('button', { name: 'Turn auto-provisioning of Okta off' }).click();
    await page.getByRole('article', { name: 'Latchkey' }).waitFor();
    await page.getByRole('article', { name: 'Okta' }).getByText('Off').waitFor();
  });

  test('what is not active is discarded; the command palette and the keys lead everywhere', async () => {
    await page.getByRole('dialog').waitFor({ state: 'detached' }); // keys are the window's while there is one
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await heading('Changes').waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await banner().waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Search').fill('token');
    await page.keyboard.press('Enter');
    await heading('Device tokens').waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
  });

  test('a token is revoked only by typing what it is called', async () => {
    await page.getByRole('button', { name: 'Laptops' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    const question = page.getByRole('dialog', { name: 'Revoke this token?' });
    expect(await question.getByRole('button', { name: 'Revoke' }).isDisabled()).toBe(true);
    await question.getByLabel('Type Laptops to confirm').fill('Laptops');
    await question.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('row', { name: /Laptops.*Revoked/ }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('the organization is furnished', async () => {
    [start = ''] = /^.*\/o\/[^/]+/.exec(page.url()) ?? [];
    await furnish(page, server.origin, 'acme.com');
  });

  test.each(Object.entries(organizationPages))(
    '%s, in English and light, in German and dark: nothing serious (axe-core)',
    async (_, path) => {
      expect(await findingsInBothThemes(page, start + path)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  test.each(Object.entries(openedStates))(
    '%s, opened, in English and light, in German and dark: nothing serious (axe-core)',
    async (_, { path, open }) => {
      expect(await findingsInBothThemes(page, start + path, open)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  test('so are the pages outside the sign-in', async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    try {
      const { page: stranger, complaints: theirs } = await openPage(context);
      await stranger.goto(`${server.origin}/sign-in`);
      for (const [name, path] of Object.entries(outsidePages))
        expect([name, await findingsInBothThemes(stranger, server.origin + path)]).toEqual([name, []]);
      expect(theirs).toEqual([]);
    } finally {
      await context.close();
    }
  });

  test('so are the first page of an empty server, and those of operators', async () => {
    const own = await launchServer(join(folder, 'operators'), { LATCHKEY_LOG_LEVEL: 'error' });
    const context = await browser.newContext({ locale: 'en-GB' });
    try {
      const { page: olga, complaints: hers } = await openPage(context);
      await olga.goto(own.origin);
      expect(await findingsInBothThemes(olga, `${own.origin}/set-up`)).toEqual([]);
      await olga.evaluate(() => localStorage.setItem('latchkey-language', 'en'));
      await setUpOperator(olga, own.origin, own.setupCode ?? '');
      for (const [name, path] of Object.entries(operatorPages))
        expect([name, await findingsInBothThemes(olga, `${own.origin}/operator${path}`)]).toEqual([name, []]);
      expect(hers).toEqual([]);
    } finally {
      await context.close();
      await own.end('SIGTERM');
    }
  });

  test('a passkey is a second factor, too: set up, and signed in with', async () => {
    const own = await launchServer(join(folder, 'passkeys'), { LATCHKEY_LOG_LEVEL: 'error' });
    const context = await browser.newContext({ locale: 'en-GB' });
    try {
      const { page, complaints } = await openPage(context);
      const devtools = await context.newCDPSession(page);
      await devtools.send('WebAuthn.enable');
      await devtools.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
        },
      });
      await fillSetUp(page, own.origin, own.setupCode ?? '');
      await page.getByRole('button', { name: 'A passkey' }).click();
      await page.getByRole('button', { name: 'I have stored it' }).click();
      await page.getByLabel('Name of the organization').waitFor();
      await page.getByRole('button', { name: /Olga Operator/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.getByLabel('E-mail').fill('olga@operators.example');
      await page.getByLabel('Password *', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Use a passkey' }).click();
      await page.getByRole('heading', { level: 1, name: 'Organizations' }).waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await context.close();
      await own.end('SIGTERM');
    }
  });
});
