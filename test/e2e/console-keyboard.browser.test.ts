import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentRun, runAgent } from '../kit/agent.ts';
import { buildConsole, hasBrowser, launchBrowser, openPage } from '../kit/browser.ts';
import { totpCode } from '../kit/console.ts';
import { PASSWORD } from '../kit/console-pages.ts';
import { startNameServer, type TestNameServer } from '../kit/dns.ts';
import { type LaunchedServer, launchServer } from '../kit/spawn-server.ts';

/** `latchkey-agent` is refused with this (docs/guides/agent.md). */
const REFUSED = 4;
/** More than any page has to be tabbed through. */
const STOPS = 120;

describe.skipIf(!hasBrowser)('the first journey by keyboard alone', () => {
  let server: LaunchedServer;
  let names: TestNameServer;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let deviceToken = '';
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-keyboard-'));
  beforeAll(async () => {
    buildConsole();
    names = await startNameServer();
    server = await launchServer(join(folder, 'data'), { LATCHKEY_LOG_LEVEL: 'error', LATCHKEY_DNS_SERVERS: names.address });
    browser = await launchBrowser();
    const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
    ({ page, complaints } = await openPage(context));
    // Whoever has no mouse has none.
    page.mouse.click = () => Promise.reject(new Error('This journey has no mouse.'));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end('SIGTERM');
    await names?.close();
    rmSync(folder, { recursive: true });
  });

  const key = (name: string): Promise<void> => page.keyboard.press(name);
  /** Tabs until it has the focus, and the focus can be seen. */
  const tabTo = async (target: Locator): Promise<void> => {
    await target.first().waitFor({ state: 'attached' });
    const focused = target.and(page.locator(':focus'));
    for (let stops = 0; (await focused.count()) === 0; stops += 1) {
      if (stops === STOPS) throw new Error(`${target} is not reached by Tab.`);
      await key('Tab');
    }
    expect(await focused.evaluate((element) => element.matches(':focus-visible'))).toBe(true);
  };
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const field = (name: string) => page.getByLabel(name, { exact: false }).and(page.locator('input, textarea'));
  const press = async (target: Locator): Promise<void> => {
    await tabTo(target);
    await key('Enter');
  };
  const type = async (name: string, text: string): Promise<void> => {
    await tabTo(field(name));
    await key('Control+a');
    await page.keyboard.type(text);
  };
  /** A radio button: its group is one stop, and arrows choose. */
  const choose = async (name: string): Promise<void> => {
    const radio = page.getByRole('radio', { name, exact: true });
    await radio.waitFor({ state: 'attached' });
    const own = await radio.getAttribute('name');
    const one = page.locator(`input[type=radio][name="${own}"]`);
    await tabTo(one);
    for (let turns = 0; !(await radio.isChecked()); turns += 1) {
      if (turns > (await one.count())) throw new Error(`${name} is not reached by arrows.`);
      await key('ArrowDown');
    }
  };
  const goTo = async (second: string, heading: string): Promise<void> => {
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await key('g');
    await key(second);
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  };
  const agent = (...args: readonly string[]): Promise<AgentRun> => runAgent(join(folder, 'agent'), args);
  const enroll = (): Promise<AgentRun> =>
    agent(
      ...['enroll', '--deviceToken', deviceToken, '--userDomain', 'acme.com', '--userName', 'j.doe'],
      ...['--cloudName', new URL(server.origin).host],
    );
  const banner = () => page.getByRole('region', { name: 'Saved, not active yet.' });
  const enrolTotp = async (): Promise<void> => {
    await press(button('An authenticator app'));
    const secret = (await page.locator('code').first().textContent()) ?? '';
    await type('Code that the app shows now', totpCode(secret, Date.now()));
    await press(button('Confirm'));
    await press(button('I have stored it'));
    await page.getByRole('navigation', { name: 'Areas' }).waitFor();
  };
  const activate = async (): Promise<void> => {
    await goTo('c', 'Changes');
    await press(button(/^Activate$/));
    await banner().waitFor({ state: 'detached' });
  };

  test('set up: operator, organization, administrator', async () => {
    await page.goto(server.origin);
    await type('One-time setup code', server.setupCode ?? '');
    await type('Your name', 'Olga Operator');
    await type('E-mail', 'olga@operators.example');
    await tabTo(page.getByLabel('Password *', { exact: true }));
    await page.keyboard.type(PASSWORD);
    await type('The password again', PASSWORD);
    await key('Enter');
    await enrolTotp();
    await type('Name of the organization', 'Acme');
    await type('First domain', 'acme.com');
    await type('E-mail of its first administrator', 'ada@acme.com');
    await key('Enter');
    await press(button('Open it in this browser'));
    await type('Your name', 'Ada Admin');
    await tabTo(page.getByLabel('Password *', { exact: true }));
    await page.keyboard.type(PASSWORD);
    await key('Enter');
    await enrolTotp();
    await page.getByText('1 of 5 done').waitFor();
  });

  test('the keys are told by ?, the search is opened by /, and Esc closes both', async () => {
    await key('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).getByText('Go to Devices').waitFor();
    await key('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await key('/');
    await page.getByPlaceholder('Search').and(page.locator(':focus')).waitFor();
    await key('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('a device token is created', async () => {
    await goTo('t', 'Device tokens');
    await press(button('Create device token').first());
    await page.getByLabel('Description').and(page.locator(':focus')).waitFor();
    await page.keyboard.type('Laptops');
    await choose('Automatic');
    await press(page.getByRole('dialog').getByRole('button', { name: 'Create device token' }));
    await page.getByText('Shown this once').waitFor();
    deviceToken = (await page.getByRole('dialog').locator('code').first().textContent()) ?? '';
    await press(button('I have stored it'));
    await page.getByRole('row', { name: /Laptops.*Live/ }).waitFor();
  });

  test('two more domains are proved', async () => {
    await goTo('m', 'Domains');
    for (const name of ['acme.net', 'acme.org']) {
      await press(button('Claim domain').first());
      await page.getByRole('dialog').getByLabel('Domain').waitFor();
      await type('Domain', name);
      await key('Enter');
      const [record, value] = [page.getByText(`_latchkey-challenge.${name}`), page.getByText(/^latchkey-domain=/)];
      names.records.set((await record.textContent()) ?? '', [(await value.textContent()) ?? '']);
      await press(button('Check now'));
      await page.getByText('The record is there.').waitFor();
      await key('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByRole('row', { name: new RegExp(`${name}.*Proved`) }).waitFor();
    }
  });

  test('a first version is activated; the device IdP is added for two of three domains, and the agent still refused', async () => {
    await goTo('p', 'Authentication profile');
    await type('Session of a device', '600');
    await key('Enter');
    await banner().waitFor();
    await activate();
    await goTo('i', 'Identity providers');
    await press(button('Add Latchkey as IdP').first());
    await choose('Chosen domains');
    for (const name of ['acme.com', 'acme.org']) {
      await tabTo(page.getByRole('checkbox', { name }));
      await key('Space');
    }
    await choose('Enable');
    await press(page.getByRole('dialog').getByRole('button', { name: 'Save' }));
    await banner().waitFor();
    expect((await enroll()).status).toBe(REFUSED);
  });

  test('activated, the device appears by itself; it is opened, and from it its user', async () => {
    await activate();
    await goTo('d', 'Devices');
    await page.getByText('No device has enrolled yet').waitFor();
    expect(await enroll()).toMatchObject({ status: 0 });
    expect(await agent('sign-in')).toMatchObject({ status: 0 });
    await press(page.getByRole('table').getByRole('button', { name: 'j.doe@acme.com' }));
    await press(page.getByRole('dialog').getByRole('link', { name: 'j.doe@acme.com' }));
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
    await page.getByRole('dialog').getByText('j.doe@acme.com').first().waitFor();
    await key('Escape');
  });

  test('rolled back, the next sign-in is refused', async () => {
    await goTo('c', 'Changes');
    await press(page.getByRole('row', { name: /^1 / }).getByRole('button', { name: 'Make live again' }));
    await press(page.getByRole('dialog').getByRole('button', { name: 'Make live again' }));
    await page.getByRole('row', { name: /^3 .*Live/ }).waitFor();
    expect((await agent('sign-in')).status).toBe(REFUSED);
    expect(complaints).toEqual([]);
  });
});
