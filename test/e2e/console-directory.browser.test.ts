import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAgent } from '../kit/agent.ts';
import { buildConsole, hasBrowser, launchBrowser, openPage, seriousFindings } from '../kit/browser.ts';
import { callerIn, createFirstOrganization, setUpOperator } from '../kit/console-pages.ts';
import { type LaunchedServer, launchServer } from '../kit/spawn-server.ts';

/** So many that the import is still being prepared when somebody has decided to call it off. */
const MANY = 20_000;

describe.skipIf(!hasBrowser)('the directory in a browser', () => {
  let server: LaunchedServer;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-console-directory-'));
  beforeAll(async () => {
    buildConsole();
    server = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error' });
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' })));
    await setUpOperator(page, server.origin, server.setupCode ?? '');
    await createFirstOrganization(page, 'Acme', 'acme.com');
    await page.getByRole('heading', { level: 1, name: 'Acme' }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGTERM');
    rmSync(folder, { recursive: true });
  });

  /** Along the rail. */
  const go = async (...links: readonly string[]): Promise<void> => {
    const rail = page.getByRole('navigation', { name: 'Areas' });
    for (const name of links) await rail.getByRole('link', { name, exact: true }).last().click();
    await page.getByRole('heading', { level: 1, name: links.at(-1) ?? '' }).waitFor();
  };
  const drawer = (): Locator => page.getByRole('dialog').first();
  const button = (name: string, within: Page | Locator = page): Locator => within.getByRole('button', { name, exact: true });
  const row = (name: RegExp): Locator => page.getByRole('row', { name });
  const close = async (): Promise<void> => {
    await button('Close', drawer()).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };
  const undo = async (message: string): Promise<void> => {
    await page.getByRole('alert').filter({ hasText: message }).getByRole('button', { name: 'Undo' }).click();
  };
  const createUser = async (userName: string, displayName: string): Promise<void> => {
    await button('Create user').first().click();
    await drawer().getByRole('textbox', { name: 'User name' }).fill(userName);
    await drawer().getByRole('textbox', { name: 'Display name' }).fill(displayName);
    await button('Create user', drawer()).click();
    await button('Edit', drawer()).waitFor();
  };
  const upload = async (name: string, file: string, existing = 'Error'): Promise<void> => {
    await button('Import CSV').first().click();
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button('Choose a file', drawer()).last().click()]);
    await chooser.setFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(file) });
    await drawer().getByRole('radio', { name: existing }).check();
    await button('Upload and compare', drawer()).click();
    await drawer().getByText('Waits for your decision').waitFor();
  };

  test('a user is created, is found by the beginning of the name, and is edited', async () => {
    await go('Directory', 'Users');
    await page.getByText('Nobody is here yet').waitFor();
    await createUser('j.doe@acme.com', 'J. Doe');
    expect(page.url()).toContain('open=usr_');
    expect(await seriousFindings(page)).toEqual([]);
    await button('Edit', drawer()).click();
    await drawer().getByRole('textbox', { name: 'Display name' }).fill('Jane Doe');
    await drawer().getByRole('textbox', { name: 'E-mail address' }).fill('jane@acme.example');
    await button('Save', drawer()).click();
    await page.getByRole('dialog', { name: 'Jane Doe' }).getByText('jane@acme.example').waitFor();
    await close();
    await createUser('a.adler@acme.com', 'Anna Adler');
    await close();

    await page.getByRole('textbox', { name: 'User name or display name' }).fill('JAN');
    await row(/a\.adler/).waitFor({ state: 'detached' });
    await row(/j\.doe@acme\.com.*Jane Doe.*Active.*Console/).waitFor();
    expect(page.url()).toContain('q=JAN');
    await page.reload();
    await row(/j\.doe@acme\.com/).waitFor();
    await page.getByRole('textbox', { name: 'User name or display name' }).fill('nobody');
    await button('Clear filters').click();
    expect(await page.getByRole('textbox', { name: 'User name or display name' }).inputValue()).toBe('');
    await row(/a\.adler/).waitFor();
  });

  test('what the server refuses is said where it was written, and nothing is lost', async () => {
    await button('Create user').first().click();
    await drawer().getByRole('textbox', { name: 'User name' }).fill('j.doe@elsewhere.example');
    await button('Create user', drawer()).click();
    await drawer().getByText('elsewhere.example is not a domain of this organization.').waitFor();
    expect(await drawer().getByRole('textbox', { name: 'User name' }).inputValue()).toBe('j.doe@elsewhere.example');
    await close();
  });

  test('who edits what somebody else has changed meanwhile sees both, and decides', async () => {
    await button('j.doe@acme.com').click();
    await button('Edit', drawer()).click();
    await drawer().getByRole('textbox', { name: 'Comments' }).fill('Mine');
    const [id = ''] = /usr_[0-9a-f]+/.exec(page.url()) ?? [];
    const call = await callerIn(page);
    await call('PATCH', `/users/${id}`, { comments: 'Theirs', displayName: 'Jane D.' });
    await button('Save', drawer()).click();
    await drawer().getByText('Somebody else has changed this since you opened it.').waitFor();
    await drawer()
      .getByRole('row', { name: /Comments Theirs Mine/ })
      .waitFor();
    await button('Save mine all the same', drawer()).click();
    const saved = page.getByRole('dialog', { name: 'Jane D.' });
    await saved.getByText('Mine').waitFor();
    await close();
  });

  test('disabling can be undone, for one and for many', async () => {
    await button('j.doe@acme.com').click();
    await button('Disable', drawer()).click();
    await drawer().getByText('Disabled by: Console').waitFor();
    await undo('j.doe@acme.com is disabled.');
    await button('Disable', drawer()).waitFor();
    await close();
    await row(/j\.doe.*Active/).waitFor();

    await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
    await button('Disable', page.getByRole('toolbar')).click();
    await button('Disable', page.getByRole('dialog', { name: 'Disable 2 users?' })).click();
    await row(/a\.adler.*Disabled/).waitFor();
    await row(/j\.doe.*Disabled/).waitFor();
    await undo('2 users disabled.');
    await row(/a\.adler.*Active/).waitFor();
    await row(/j\.doe.*Active/).waitFor();
  });

  test('a group is made and filled by search; who is taken out is put back by undo', async () => {
    await go('Groups');
    await row(/Service Admin.*System/).waitFor();
    await button('Create group').first().click();
    await drawer().getByRole('textbox', { name: 'Name' }).fill('Staff');
    await button('Create group', drawer()).click();
    await drawer().getByText('Nobody is in it yet.').waitFor();
    const add = drawer().getByRole('combobox', { name: 'Add a user' });
    for (const [typed, option] of [
      ['j.d', /Jane D\./],
      ['anna', /Anna Adler/],
    ] as const) {
      await add.fill(typed);
      await page.getByRole('option', { name: option }).click();
    }
    const member = drawer().getByRole('row', { name: /j\.doe@acme\.com/ });
    await member.waitFor();
    await drawer()
      .getByRole('row', { name: /a\.adler/ })
      .waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await button('Take j.doe@acme.com out', drawer()).click();
    await member.waitFor({ state: 'detached' });
    await undo('j.doe@acme.com is no longer in Staff.');
    await member.waitFor();

    // From the member to the user, and to the group again.
    await member.getByRole('link', { name: 'j.doe@acme.com' }).click();
    await page.getByRole('dialog', { name: 'Jane D.' }).getByRole('link', { name: 'Staff' }).click();
    await page.getByRole('dialog', { name: 'Staff' }).waitFor();
    await close();
  });

  test('the system group keeps its name and stays', async () => {
    await button('Service Admin System').click();
    await drawer().getByText('System group').waitFor();
    expect(await button('Delete', drawer()).count()).toBe(0);
    await button('Edit', drawer()).click();
    expect(await drawer().getByRole('textbox', { name: 'Name' }).isDisabled()).toBe(true);
    await close();
  });

  test('a user is moved to a department; a department is deleted by typing its name, its users stay', async () => {
    await go('Departments');
    await button('Create department').first().click();
    await drawer().getByRole('textbox', { name: 'Name' }).fill('Sales');
    await button('Create department', drawer()).click();
    await drawer().getByRole('combobox', { name: 'Move a user here' }).fill('j.doe');
    await page.getByRole('option', { name: /j\.doe/ }).click();
    await drawer()
      .getByRole('row', { name: /j\.doe/ })
      .waitFor();
    await button('Delete', drawer()).click();
    const question = page.getByRole('dialog', { name: 'Delete the department Sales?' });
    await question.getByText('Users in it: 1.').waitFor();
    expect(await button('Delete', question).isDisabled()).toBe(true);
    await question.getByRole('textbox', { name: 'Type Sales to confirm' }).fill('Sales');
    await button('Delete', question).click();
    await page.getByText('No department yet').waitFor();
    await go('Users');
    await row(/j\.doe/).waitFor();
  });

  test('an import with a bad line: previewed, what is wrong is downloaded, the others are imported', async () => {
    await go('Imports');
    await upload(
      'users.csv',
      'userName,displayName,groups\nnew.one@acme.com,New One,Staff; Crew\nj.doe@acme.com,Again,\nno one@acme.com,Nobody,\n',
    );
    await button('2 with problems', drawer()).waitFor();
    await drawer()
      .getByRole('row', { name: /^3 .*There is a user j\.doe@acme\.com already/ })
      .waitFor();
    await drawer()
      .getByRole('row', { name: /^4 .*holds no spaces/ })
      .waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      drawer().getByRole('link', { name: 'Download the problems' }).click(),
    ]);
    const problems = (await text(await download.createReadStream())).trim().split('\r\n');
    expect(problems).toEqual([
      'line,column,message,userName',
      expect.stringMatching(/^3,userName,/),
      expect.stringMatching(/^4,userName,/),
    ]);
    await button('1 to add', drawer()).click();
    await drawer()
      .getByRole('row', { name: /^2 new\.one@acme\.com New One · Staff · Crew/ })
      .waitFor();
    await drawer().getByText('Groups: Crew').waitFor();

    await button('Import the other 1', drawer()).click();
    const question = page.getByRole('dialog', { name: 'Import users.csv?' });
    await question.getByText('2 lines with problems are left out.').waitFor();
    await button('Import 1 users', question).click();
    await drawer().getByText('Everything is done.').waitFor();
    await drawer().getByText('1 added, 2 with problems').or(drawer().getByText('2 with problems, 1 added')).waitFor();
    await close();
    await go('Users');
    await row(/new\.one@acme\.com.*New One.*CSV/).waitFor();
  });

  test('a good import goes on while one is elsewhere, and is in the history; deleting by it asks for the number', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export CSV' }).click()]);
    const exported = await text(await download.createReadStream());
    expect(exported).toContain('new.one@acme.com,New One');
    await go('Imports');
    const many = Array.from({ length: 500 }, (_, index) => `p${index}@acme.com,Person ${index},`).join('\n');
    await upload('joiners.csv', `userName,displayName,action\n${many}\nnew.one@acme.com,,-\n`, 'Override');
    await button('Import 501 users', drawer()).click();
    const question = page.getByRole('dialog', { name: 'Import joiners.csv?' });
    await question.getByRole('textbox', { name: 'Type 1 to confirm' }).fill('1');
    await button('Import 501 users', question).click();
    await question.waitFor({ state: 'detached' });
    await close();
    await go('Users');
    await row(/p0@acme\.com/).waitFor();
    await go('Imports');
    await row(/joiners\.csv.*Done.*500 added, 1 deleted/).waitFor();
    await go('Users');
    await row(/new\.one/).waitFor({ state: 'detached' });
    await page.getByText('50 of 502 shown').waitFor();
    await button('Load more').click();
    await page.getByText('100 of 502 shown').waitFor();
  });

  test('an import that is called off half-way leaves nothing', async () => {
    await go('Imports');
    const many = Array.from({ length: MANY }, (_, index) => `m${index}@acme.com`).join('\n');
    await upload('too-many.csv', `userName\n${many}\n`);
    await button(`Import ${MANY.toLocaleString('en')} users`, drawer()).click();
    await button(`Import ${MANY.toLocaleString('en')} users`, page.getByRole('dialog', { name: 'Import too-many.csv?' })).click();
    await drawer().getByText('Being prepared').waitFor();
    await button('Cancel import', drawer()).click();
    await button('Cancel import', page.getByRole('dialog', { name: 'Cancel this import?' })).click();
    await drawer().getByText('Nothing of it is left.').waitFor();
    await close();
    await row(/too-many\.csv.*Cancelled/).waitFor();
    await go('Users');
    await page.getByRole('textbox', { name: 'User name or display name' }).fill('m1');
    await page.getByText('Nothing matches these filters.').waitFor();
    await button('Clear filters').click();
  });

  test('whom a sign-in has made is owned by the identity provider, which is said; taken over, it is not', async () => {
    const call = await callerIn(page);
    const idp = { kind: 'device', id: 'device', name: 'Fleet', status: 'enabled', domains: 'any', autoProvisioning: true };
    const draft = await call('PUT', '/settings/draft', { identityProviders: [idp], defaultIdp: null });
    await call('POST', '/settings/activate', {}, { 'if-match': `"${draft.revision}"` });
    const { token } = await call('POST', '/device-tokens', { description: 'Laptops', enrollment: 'automatic' });
    const agent = (...args: readonly string[]) => runAgent(join(folder, 'agent'), args);
    const { host } = new URL(server.origin);
    const options = { deviceToken: String(token), userDomain: 'acme.com', cloudName: host, userName: 'k.tanaka' };
    const enrolled = await agent('enroll', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]));
    expect(enrolled).toMatchObject({ status: 0 });
    expect(await agent('sign-in')).toMatchObject({ status: 0 });
    await page.reload();

    await page.getByRole('combobox', { name: 'Source' }).selectOption({ label: 'First sign-in · Fleet' });
    await row(/a\.adler/).waitFor({ state: 'detached' });
    await button('k.tanaka@acme.com').click();
    await drawer().getByText('Owned by Fleet').waitFor();
    await drawer().getByText('Made at the first sign-in, by Fleet.').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await button('Edit', drawer()).click();
    await drawer().getByText('Fleet decides on this. Take the user over to change it here.').first().waitFor();
    expect(await drawer().getByRole('textbox', { name: 'User name' }).isDisabled()).toBe(true);
    expect(await drawer().getByRole('textbox', { name: 'E-mail address' }).isDisabled()).toBe(false);
    await button('Cancel', drawer()).click();
    await button('Take over', drawer()).click();
    await drawer().getByText('Owned by Fleet').waitFor({ state: 'detached' });
    await button('Edit', drawer()).click();
    expect(await drawer().getByRole('textbox', { name: 'User name' }).isDisabled()).toBe(false);
    await button('Cancel', drawer()).click();

    // From the user to what was done, to the sign-ins, to the device and back.
    await drawer().getByRole('link', { name: 'What was done to this user' }).click();
    await row(/user\.adopted/).waitFor();
    await page.goBack();
    await drawer().getByRole('link', { name: 'Sign-ins' }).click();
    await row(/k\.tanaka@acme\.com/).waitFor();
    await page.goBack();
    await drawer().getByRole('table', { name: 'Devices' }).getByRole('link').first().click();
    await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor();
    await drawer().getByText('Registered').waitFor();
    await drawer().getByRole('link', { name: 'k.tanaka@acme.com' }).click();
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
    await button('Delete', drawer()).click();
    const question = page.getByRole('dialog', { name: 'Delete k.tanaka@acme.com?' });
    await question.getByText('1 device is bound to them; it signs nobody in any more. 1 of them is signed in now.').waitFor();
    await button('Cancel', question).click();
    await close();
  });

  test('a user is deleted by typing the name, knowing what is hit', async () => {
    await button('j.doe@acme.com').click();
    await button('Delete', drawer()).click();
    const question = page.getByRole('dialog', { name: 'Delete j.doe@acme.com?' });
    await question.getByText('No device is bound to them.').waitFor();
    expect(await button('Delete', question).isDisabled()).toBe(true);
    await question.getByRole('textbox', { name: 'Type j.doe@acme.com to confirm' }).fill('j.doe@acme.com');
    await button('Delete', question).click();
    await page.getByRole('dialog').first().waitFor({ state: 'detached' });
    await row(/j\.doe/).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });
});
