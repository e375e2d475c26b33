import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole, findingsInBothThemes, hasBrowser, launchBrowser, openPage, seriousFindings } from '../kit/browser.ts';
import { totpCode } from '../kit/console.ts';
import { createFirstOrganization, enrolTotp, operatorPages, PASSWORD, type Person, setUpOperator } from '../kit/console-pages.ts';
import { type LaunchedServer, launchServer } from '../kit/spawn-server.ts';

describe.skipIf(!hasBrowser)('administration in a browser, against a server on an empty database', () => {
  let server: LaunchedServer;
  let browser: Browser;
  /** Ada's, who has full access. */
  let page: Page;
  let context: BrowserContext;
  let ada: Person;
  /** Bob's, who is invited. */
  let other: Page;
  let organization: string;
  const complaints: string[][] = [];
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-administration-'));
  const data = join(folder, 'data');

  /** A browser of its own. */
  const openBrowser = async (): Promise<{ context: BrowserContext; page: Page }> => {
    const opened = await browser.newContext({ locale: 'en-GB' });
    const { page: first, complaints: found } = await openPage(opened);
    complaints.push(found);
    return { context: opened, page: first };
  };

  beforeAll(async () => {
    buildConsole();
    server = await launchServer(data, { LATCHKEY_LOG_LEVEL: 'error' });
    browser = await launchBrowser();
    ({ context, page } = await openBrowser());
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGTERM');
    rmSync(folder, { recursive: true });
  });

  /** What ten minutes do: nobody has shown both factors lately, and every code of an app is a new one. */
  const letTimePass = (): void => {
    const database = new DatabaseSync(join(data, 'latchkey.db'), { timeout: 5000 });
    database.exec('update administrator_sessions set reauthenticated_at = null; update administrators set totp_step = 0');
    database.close();
  };
  const go = async (on: Page, ...links: readonly string[]): Promise<void> => {
    const rail = on.getByRole('navigation', { name: 'Areas' });
    for (const name of links) await rail.getByRole('link', { name, exact: true }).last().click();
  };
  const rail = (on: Page) => on.getByRole('navigation', { name: 'Areas' }).getByRole('link').allTextContents();
  const heading = (on: Page, name: string) => on.getByRole('heading', { level: 1, name, exact: true });
  const press = (on: Page, name: string) => on.getByRole('button', { name, exact: true }).last().click();
  const close = async (on: Page): Promise<void> => {
    await on.keyboard.press('Escape');
    await on.getByRole('dialog').waitFor({ state: 'detached' });
  };
  /** Asks the API as whoever is signed in to that browser. */
  const ask = (on: Page, method: string, path: string, body?: object): Promise<{ status: number; code: string | undefined }> =>
    on.evaluate(
      async ({ url, init }) => {
        const answer = await fetch(url, init);
        const text = await answer.text();
        return { status: answer.status, code: text === '' ? undefined : JSON.parse(text).code };
      },
      {
        url: `/api/v1/organizations/${organization}${path}`,
        init: {
          method,
          headers: { 'latchkey-console': '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
      },
    );
  const again = (on: Page) => on.getByRole('dialog', { name: 'Say once more that it is you' });

  test('the first operator', async () => {
    await setUpOperator(page, server.origin, server.setupCode ?? '');
  });

  test.each(Object.entries(operatorPages))(
    '%s, in English and light, in German and dark: nothing serious (axe-core)',
    async (_, path) => {
      expect(await findingsInBothThemes(page, `${server.origin}/operator${path}`)).toEqual([]);
    },
  );

  test('what runs here, where its data is and how it stands', async () => {
    await page.evaluate(() => localStorage.setItem('latchkey-language', 'en'));
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.goto(`${server.origin}/operator/administration/about`);
    await page.getByText(data, { exact: true }).waitFor();
    await page.getByText('The database takes writes.').waitFor();
    await page.goto(`${server.origin}/operator/organizations/new`);
    ada = await createFirstOrganization(page, 'Acme', 'acme.com');
    await heading(page, 'Acme').waitFor();
    organization = /\/o\/([^/?]+)/.exec(page.url())?.[1] ?? '';
  });

  test('an administrator is invited by a link that is shown once, and joins in a browser of their own', async () => {
    await go(page, 'Administration');
    await page.getByRole('row', { name: /Ada Admin \(you\).*Full access.*Authenticator app.*Active/ }).waitFor();
    await press(page, 'Invite administrator');
    await page.getByRole('dialog').getByLabel('E-mail').fill('bob@acme.com');
    await press(page, 'Make the link');
    const link = (await page.getByRole('dialog').locator('code').first().textContent()) ?? '';
    expect(link).toContain(`${server.origin}/accept-invitation#lki_`);
    await press(page, 'I have stored it');
    await page.getByRole('row', { name: /bob@acme.com.*View only/ }).waitFor();
    expect(await page.content()).not.toContain(link.split('#')[1]);

    ({ page: other } = await openBrowser());
    await other.goto(link);
    await other.getByLabel('Your name').fill('Bob Brown');
    await other.getByLabel('Password *', { exact: true }).fill(PASSWORD);
    await press(other, 'Accept the invitation');
    await enrolTotp(other);
    // By itself, as it happens.
    await page.getByRole('row', { name: /Bob Brown.*View only.*Active/ }).waitFor();
  });

  test('an invitation that is withdrawn is worth nothing', async () => {
    await press(page, 'Invite administrator');
    await page.getByRole('dialog').getByLabel('E-mail').fill('eve@acme.com');
    await press(page, 'Make the link');
    const link = (await page.getByRole('dialog').locator('code').first().textContent()) ?? '';
    await press(page, 'I have stored it');
    await press(page, 'eve@acme.com');
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
    await page
      .getByRole('dialog', { name: /Withdraw the invitation/ })
      .getByRole('button', { name: 'Withdraw' })
      .click();
    await page.getByRole('row', { name: /eve@acme.com/ }).waitFor({ state: 'detached' });
    const { page: eve } = await openBrowser();
    await eve.goto(link);
    await eve.getByLabel('Your name').fill('Eve');
    await eve.getByLabel('Password *', { exact: true }).fill(PASSWORD);
    await press(eve, 'Accept the invitation');
    await eve.getByText('This invitation is not valid (any more).').waitFor();
    await eve.context().close();
  });

  test('whoever may only view sees every page and no button that changes anything; the server refuses it anyway', async () => {
    await go(other, 'Administration');
    await other.getByRole('row', { name: /Ada Admin/ }).waitFor();
    await other.getByRole('button', { name: 'Ada Admin' }).click();
    await other.getByRole('dialog').getByText('Full access').waitFor();
    for (const name of ['Remove', 'Disable', 'Reset second factor', 'Sign out everywhere', 'Save role']) {
      expect([name, await other.getByRole('dialog').getByRole('button', { name }).count()]).toEqual([name, 0]);
    }
    await close(other);
    for (const [link, button] of [
      ['Administrators', 'Invite administrator'],
      ['Roles', 'Create role'],
      ['API keys', 'Create API key'],
      ['Keys and certificates', 'Publish the next key'],
    ] as const) {
      await go(other, link);
      await heading(other, link).waitFor();
      await other.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
      expect([button, await other.getByRole('button', { name: button }).count()]).toEqual([button, 0]);
    }
    const refused = { status: 403, code: 'permission_needed' };
    expect(await ask(other, 'POST', '/invitations', { userName: 'eve@acme.com', roleId: 'full' })).toEqual(refused);
    expect(await ask(other, 'POST', '/roles', { name: 'Mine', permissions: {} })).toEqual(refused);
    expect(await ask(other, 'POST', '/api-keys', { description: 'Mine' })).toEqual(refused);
    expect(await ask(other, 'POST', '/signing-keys', { purpose: 'token' })).toEqual(refused);
  });

  test('a role of one area shows that area alone; a role that somebody has stays', async () => {
    await go(page, 'Roles');
    await press(page, 'Create role');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Token desk');
    await dialog.getByRole('radiogroup', { name: 'Device tokens' }).getByText('Full').click();
    await dialog.getByRole('button', { name: 'Create role' }).click();
    await page.getByRole('row', { name: /Token desk.*Device tokens.*Of your own.*0/ }).waitFor();

    await go(page, 'Administrators');
    await press(page, 'Bob Brown');
    await page.getByRole('dialog').getByLabel('Role').selectOption({ label: 'Token desk' });
    await press(page, 'Save role');
    await page.getByRole('row', { name: /Bob Brown.*Token desk/ }).waitFor();
    await close(page);

    await other.goto(`${server.origin}/`);
    await heading(other, 'Acme').waitFor();
    expect(await rail(other)).toEqual(['Overview', 'Devices', 'Administration']);
    await go(other, 'Devices');
    await heading(other, 'Device tokens').waitFor();
    expect(await other.getByRole('button', { name: 'Create device token' }).count()).toBeGreaterThan(0);
    for (const path of ['/devices', '/users', '/administrators', '/settings/draft', '/audit']) {
      expect([path, await ask(other, 'GET', path)]).toEqual([path, { status: 403, code: 'permission_needed' }]);
    }

    await go(page, 'Roles');
    await press(page, 'Token desk');
    await page.getByText('One administrator has this role.').waitFor();
    await press(page, 'Remove role');
    await press(page, 'Remove role');
    await page.getByText('Administrators or invitations have this role.').waitFor();
    await press(page, 'Cancel');
    await close(page);
  });

  test('an API key is made for one area, shown once, used by a program, and revoked', async () => {
    await go(page, 'API keys');
    await press(page, 'Create API key');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Description').fill('Reports');
    await dialog.getByRole('button', { name: 'Create API key' }).click();
    await dialog.getByText('Choose at least one area.').waitFor();
    await dialog.getByRole('radiogroup', { name: 'Devices', exact: true }).getByText('Read').click();
    await dialog.getByRole('button', { name: 'Create API key' }).click();
    await dialog.getByText('Shown this once').waitFor();
    const key = (await dialog.locator('code').first().textContent()) ?? '';
    await press(page, 'I have stored it');
    await page.getByRole('row', { name: /Reports.*Live.*Devices \(read\)/ }).waitFor();

    const use = async (method: string, path: string): Promise<number> => {
      const url = `${server.origin}/api/v1/organizations/${organization}${path}`;
      return (await fetch(url, { method, headers: { authorization: `Bearer ${key}` } })).status;
    };
    expect([await use('GET', '/devices'), await use('GET', '/users'), await use('DELETE', '/webhook')]).toEqual([200, 403, 403]);
    await press(page, 'Reports');
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    const question = page.getByRole('dialog', { name: 'Revoke this key?' });
    await question.getByLabel('Type Reports to confirm').fill('Reports');
    await question.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('row', { name: /Reports.*Revoked/ }).waitFor();
    await close(page);
    expect(await use('GET', '/devices')).toBe(401);
  });

  test('what is dangerous asks for password and code once more, and is then done', async () => {
    letTimePass();
    await press(page, 'Create API key');
    await page.getByRole('dialog').getByLabel('Description').fill('Terraform');
    await page.getByRole('radio', { name: 'Read everything' }).check();
    await page.getByRole('dialog').getByRole('button', { name: 'Create API key' }).click();
    await again(page).getByLabel('Password *', { exact: true }).fill('not this one, surely');
    await again(page).getByLabel('Code of your authenticator app').fill('000000');
    await again(page).getByRole('button', { name: 'Continue' }).click();
    await again(page).getByText('The password is not right.').waitFor();
    await again(page).getByLabel('Password *', { exact: true }).fill(PASSWORD);
    await again(page).getByLabel('Code of your authenticator app').fill(totpCode(ada.secret, Date.now()));
    await again(page).getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Shown this once').waitFor();
    await press(page, 'I have stored it');
    await page.getByRole('row', { name: /Terraform.*Live.*Everything \(read\)/ }).waitFor();

    // Whoever thinks better of it has changed nothing.
    letTimePass();
    await go(page, 'Roles');
    await press(page, 'Create role');
    await page.getByRole('dialog').getByLabel('Name').fill('Never');
    await page.getByRole('dialog').getByRole('button', { name: 'Create role' }).click();
    await again(page).getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await press(page, 'Cancel');
    expect(await page.getByRole('row', { name: /Never/ }).count()).toBe(0);
  });

  test('a passkey is added to the account, and answers for what is dangerous', async () => {
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
    await page.getByRole('button', { name: /Ada Admin/ }).click();
    await page.getByRole('menuitem', { name: 'Your account' }).click();
    await heading(page, 'Your account').waitFor();
    await press(page, 'Add passkey');
    await page.getByRole('dialog').getByLabel('Name').fill('Laptop');
    await page.getByRole('dialog').getByRole('button', { name: 'Add passkey' }).click();
    // There is no passkey yet, so the app is asked for.
    await again(page).getByLabel('Password *', { exact: true }).fill(PASSWORD);
    await again(page).getByLabel('Code of your authenticator app').fill(totpCode(ada.secret, Date.now()));
    await again(page).getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('row', { name: /Laptop.*never/ }).waitFor();

    letTimePass();
    await press(page, 'Make new ones');
    await page.getByRole('dialog', { name: 'Make new recovery codes?' }).getByRole('button', { name: 'Make new ones' }).click();
    await again(page).getByLabel('Password *', { exact: true }).fill(PASSWORD);
    await again(page).getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText('Shown this once').waitFor();
    expect((await page.getByRole('dialog').locator('code').first().textContent())?.split('\n')).toHaveLength(10);
    await press(page, 'I have stored it');
    await page.getByText('10 left').waitFor();
    await page.reload();
    await page.getByRole('row', { name: /Laptop.*now/ }).waitFor();
  });

  test('the authenticator app may go while the passkey is left; the last second factor stays', async () => {
    await page.getByRole('region', { name: 'Authenticator app' }).getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Not set up').waitFor();
    await page.getByRole('button', { name: 'Remove Laptop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('This is your only second factor.').waitFor();
    await close(page);
    await press(page, 'Set up');
    const secret = (await page.getByRole('dialog').locator('code').first().textContent()) ?? '';
    await page.getByLabel('Code that the app shows now').fill(totpCode(secret, Date.now()));
    await press(page, 'Confirm');
    await press(page, 'I have stored it');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    ada = { ...ada, secret };
  });

  test('the other browsers that are signed in as oneself are signed out', async () => {
    letTimePass();
    const { page: elsewhere } = await openBrowser();
    await elsewhere.goto(server.origin);
    await elsewhere.getByLabel('E-mail').fill(ada.userName);
    await elsewhere.getByLabel('Password *', { exact: true }).fill(PASSWORD);
    await press(elsewhere, 'Continue');
    await press(elsewhere, 'Use the authenticator app');
    await elsewhere.getByLabel('Code of your authenticator app').fill(totpCode(ada.secret, Date.now()));
    await press(elsewhere, 'Sign in');
    await elsewhere.getByRole('navigation', { name: 'Areas' }).waitFor();
    await page.reload();
    const browsers = page.getByRole('table', { name: 'Where you are signed in' });
    await browsers.getByText('This browser').waitFor();
    await browsers.getByRole('button', { name: /Sign out the browser at/ }).click();
    await browsers.getByRole('button', { name: /Sign out the browser at/ }).waitFor({ state: 'detached' });
    await elsewhere.goto(`${server.origin}/o/${organization}/administration/roles`);
    await heading(elsewhere, 'Sign in').waitFor();
    await elsewhere.context().close();
  });

  test('the password is changed by who knows the old one', async () => {
    await press(page, 'Change password');
    const dialog = page.getByRole('dialog', { name: 'Change password' });
    await dialog.getByLabel('Current password').fill(PASSWORD);
    await dialog.getByLabel('New password *', { exact: true }).fill('short');
    await dialog.getByLabel('The new password again').fill('shorter');
    await dialog.getByRole('button', { name: 'Change password' }).click();
    await dialog.getByText('The two differ.').waitFor();
    await dialog.getByLabel('The new password again').fill('short');
    await dialog.getByRole('button', { name: 'Change password' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('New password *', { exact: true }).fill(`${PASSWORD}, twice`);
    await dialog.getByLabel('The new password again').fill(`${PASSWORD}, twice`);
    await dialog.getByRole('button', { name: 'Change password' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('The password is changed.').waitFor();
  });

  test("the last administrator with full access stays; another's second factor is reset, and set up anew", async () => {
    await go(page, 'Administration', 'Administrators');
    await press(page, 'Ada Admin (you)');
    await page.getByRole('dialog').getByLabel('Role').selectOption({ label: 'View only' });
    await press(page, 'Save role');
    await again(page).getByLabel('Password *', { exact: true }).fill(`${PASSWORD}, twice`);
    await again(page).getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText('This is the last administrator with full access.').waitFor();
    await close(page);

    await press(page, 'Bob Brown');
    await press(page, 'Reset second factor');
    const question = page.getByRole('dialog', { name: 'Reset the second factor of Bob Brown?' });
    await question.getByLabel('Type bob@acme.com to confirm').fill('bob@acme.com');
    await question.getByRole('button', { name: 'Reset second factor' }).click();
    await page.getByRole('dialog').getByText('None yet').waitFor();
    await close(page);
    await other.reload();
    await heading(other, 'Sign in').waitFor();
    await other.getByLabel('E-mail').fill('bob@acme.com');
    await other.getByLabel('Password *', { exact: true }).fill(PASSWORD);
    await press(other, 'Continue');
    await heading(other, 'Set your second factor up').waitFor();
    await enrolTotp(other);

    await press(page, 'Bob Brown');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    const removal = page.getByRole('dialog', { name: 'Remove Bob Brown?' });
    await removal.getByLabel('Type bob@acme.com to confirm').fill('bob@acme.com');
    await removal.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('row', { name: /Bob Brown/ }).waitFor({ state: 'detached' });
    await other.reload();
    await heading(other, 'Sign in').waitFor();
  });

  test('a signing key follows another: published, active, the old one removed; metadata has them', async () => {
    await go(page, 'Keys and certificates');
    const keys = page.getByRole('region', { name: 'Requests to identity providers' });
    const metadata = async () => {
      const answer = await fetch(`${server.origin}/saml/${organization}/sp/device/metadata`);
      return (await answer.text()).match(/X509Certificate>/g)?.length;
    };
    const confirm = (name: string) => page.getByRole('dialog').getByRole('button', { name }).click();
    expect(await metadata()).toBe(2); // its beginning and its end
    await keys.getByRole('button', { name: 'Publish the next key' }).click();
    await confirm('Publish the next key');
    await keys.getByRole('row', { name: /Next/ }).waitFor();
    expect(await metadata()).toBe(4);
    await keys.getByRole('button', { name: 'Activate' }).click();
    await confirm('Activate');
    await keys.getByRole('row', { name: /Published, signs no more/ }).waitFor();
    await keys.getByRole('button', { name: 'Remove' }).click();
    await confirm('Remove');
    await keys.getByRole('row', { name: /Published, signs no more/ }).waitFor({ state: 'detached' });
    expect(await metadata()).toBe(2);
    await keys.getByRole('button', { name: /Open the key/ }).click();
    await page.getByRole('dialog').getByText('-----BEGIN CERTIFICATE-----').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(complaints.flat()).toEqual([]);
  });
});
