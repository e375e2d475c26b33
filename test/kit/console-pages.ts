import type { Page } from 'playwright-core';
import { totpCode } from './console.ts';
import { createDevice, fetching } from './device.ts';

/** What people do at the console, in a browser, as every journey begins. */

export const PASSWORD = 'a long walk on the pier';

/** An administrator as tests know one: who signs in, and the authenticator app. */
export interface Person {
  readonly userName: string;
  readonly secret: string;
}

/** Sets the second factor up that is asked for at the first sign-in. */
export const enrolTotp = async (page: Page): Promise<string> => {
  await page.getByRole('button', { name: 'An authenticator app' }).click();
  const secret = (await page.locator('code').first().textContent()) ?? '';
  await page.getByLabel('Code that the app shows now').fill(totpCode(secret, Date.now()));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('button', { name: 'I have stored it' }).click();
  await page.getByRole('navigation', { name: 'Areas' }).waitFor();
  return secret;
};

const operator = 'olga@operators.example';

/** The page that the one-time code opens; the second factor comes next. */
export const fillSetUp = async (page: Page, origin: string, setupCode: string): Promise<void> => {
  await page.goto(origin);
  await page.getByLabel('One-time setup code').fill(setupCode);
  await page.getByLabel('Your name').fill('Olga Operator');
  await page.getByLabel('E-mail').fill(operator);
  await page.getByLabel('Password *', { exact: true }).fill(PASSWORD);
  await page.getByLabel('The password again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Make me the operator' }).click();
};

/** The one-time code makes the first operator. */
export const setUpOperator = async (page: Page, origin: string, setupCode: string): Promise<Person> => {
  await fillSetUp(page, origin, setupCode);
  return { userName: operator, secret: await enrolTotp(page) };
};

/** The operator's wizard after the set-up: name, domain, invitation, which is opened in the same browser. */
export const createFirstOrganization = async (page: Page, organization: string, domain: string): Promise<Person> => {
  const userName = `ada@${domain}`;
  await page.getByLabel('Name of the organization').fill(organization);
  await page.getByLabel('First domain').fill(domain);
  await page.getByLabel('E-mail of its first administrator').fill(userName);
  await page.getByRole('button', { name: 'Create and invite' }).click();
  await page.getByRole('button', { name: 'Open it in this browser' }).click();
  await page.getByLabel('Your name').fill('Ada Admin');
  await page.getByLabel('Password *', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Accept the invitation' }).click();
  return { userName, secret: await enrolTotp(page) };
};

/** Every page of an organization; below /o/{id}. */
export const organizationPages = {
  overview: '',
  devices: '/devices',
  'device-tokens': '/devices/tokens',
  'device-token-new': '/devices/tokens?open=new',
  'identity-providers': '/sign-in/identity-providers',
  'identity-provider-add': '/sign-in/identity-providers?open=add-saml',
  domains: '/sign-in/domains',
  profile: '/sign-in/profile',
  users: '/directory/users',
  'user-new': '/directory/users?open=new',
  groups: '/directory/groups',
  departments: '/directory/departments',
  imports: '/directory/imports',
  'import-new': '/directory/imports?open=new',
  applications: '/sign-in/applications',
  'application-new': '/sign-in/applications?open=new',
  changes: '/changes',
  readiness: '/sign-in/readiness',
  'sign-ins': '/sign-in/sign-ins',
  sessions: '/sign-in/sessions',
  audit: '/audit',
  administrators: '/administration/administrators',
  'administrator-invite': '/administration/administrators?open=new',
  roles: '/administration/roles',
  'role-new': '/administration/roles?open=new',
  'api-keys': '/administration/api-keys',
  'api-key-new': '/administration/api-keys?open=new',
  'signing-keys': '/administration/keys',
  data: '/administration/data',
  emergency: '/administration/emergency',
  about: '/administration/about',
  account: '/account',
} as const;

/** Every page of the operators' area; below /operator. */
export const operatorPages = {
  organizations: '',
  'organization-new': '/organizations/new',
  'operator-operators': '/administration/operators',
  'operator-api-keys': '/administration/api-keys',
  'operator-api-key-new': '/administration/api-keys?open=new',
  'operator-emergency': '/administration/emergency',
  'operator-about': '/administration/about',
  'operator-account': '/account',
} as const;

/** Outside the sign-in; below the origin. */
export const outsidePages = {
  'sign-in': '/sign-in',
  'set-up': '/set-up',
  invitation: '/accept-invitation#lki_guessed',
} as const;

/** What is opened on a page of an organization that `furnish` has filled. */
interface OpenedState {
  readonly path: string;
  readonly open: (page: Page) => Promise<void>;
}

const press = (page: Page, name: string | RegExp): Promise<void> => page.getByRole('button', { name }).first().click();
/** A drawer or window is there when it has its name. */
const isOpened = (page: Page): Promise<void> =>
  page.locator('[role=dialog]:is([aria-labelledby], [aria-label])').last().waitFor();
const openBy = async (page: Page, name: string | RegExp): Promise<void> => {
  await press(page, name);
  await isOpened(page);
};
const openByKey = async (page: Page, key: string): Promise<void> => {
  await page.keyboard.press(key);
  await isOpened(page);
};
/** In the drawer or window that was opened last. */
const pressWithin = async (page: Page, name: RegExp): Promise<void> => {
  await page.getByRole('dialog').last().getByRole('button', { name }).first().click();
  await isOpened(page);
};

/** Drawers, windows, menus and the palette, by what opens them in English and in German. */
export const openedStates: Readonly<Record<string, OpenedState>> = {
  device: { path: '/devices', open: (page) => openBy(page, 'j.doe@acme.com') },
  'device-removal': {
    path: '/devices',
    open: async (page) => {
      await openBy(page, 'j.doe@acme.com');
      await pressWithin(page, /^(Remove|Entfernen)/);
    },
  },
  'device-token': { path: '/devices/tokens', open: (page) => openBy(page, 'Laptops, Berlin') },
  'device-token-revocation': {
    path: '/devices/tokens',
    open: async (page) => {
      await openBy(page, 'Laptops, Berlin');
      await pressWithin(page, /^(Revoke|Widerrufen)/);
    },
  },
  application: { path: '/sign-in/applications', open: (page) => openBy(page, 'Wiki') },
  'application-deletion': {
    path: '/sign-in/applications',
    open: async (page) => {
      await openBy(page, 'Wiki');
      await pressWithin(page, /^(Delete|Löschen)/);
    },
  },
  'identity-provider': { path: '/sign-in/identity-providers', open: (page) => openBy(page, /^(Edit|Bearbeiten)/) },
  domain: { path: '/sign-in/domains', open: (page) => openBy(page, 'acme.org') },
  'activity-table': { path: '', open: (page) => press(page, /^(As a table|Als Tabelle)/) },
  palette: { path: '', open: (page) => openByKey(page, 'Control+k') },
  keyboard: { path: '', open: (page) => openByKey(page, '?') },
  'account-menu': { path: '', open: (page) => press(page, /Ada Admin/) },
};

type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Record<string, unknown>>;

/** Calls the admin API as the administrator who is signed in to the page; the path goes on from the organization. A text goes as it is. */
export const callerIn = async (page: Page): Promise<Call> => {
  const [, id = ''] = /\/o\/([^/?]+)/.exec(page.url()) ?? [];
  return (method, path, body, headers = {}) =>
    page.evaluate(
      async ({ url, init }) => {
        const answer = await fetch(url, init);
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${init.method} ${url} answered ${answer.status}: ${text}`);
        return text === '' ? {} : JSON.parse(text);
      },
      {
        url: `/api/v1/organizations/${id}${path}`,
        init: {
          method,
          headers: { 'latchkey-console': '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        },
      },
    );
};

const people = [
  ['a.adler', 'Anna Adler', 'Sales'],
  ['b.okafor', 'Blessing Okafor', 'Sales'],
  ['c.mueller-luedenscheidt', 'Christoph-Maximilian Müller-Lüdenscheidt von Hohenstein', 'Engineering'],
  ['e.kowalska', 'Ewa Kowalska', 'Engineering'],
] as const;

/** People, where they belong, and an import that waits for a decision. */
const furnishDirectory = async (call: Call, domain: string): Promise<void> => {
  const idOf = async (path: string, name: string): Promise<unknown> => (await call('POST', path, { name })).id;
  const departments: Readonly<Record<string, unknown>> = {
    Sales: await idOf('/departments', 'Sales'),
    Engineering: await idOf('/departments', 'Engineering'),
  };
  const groups = [await idOf('/groups', 'Staff'), await idOf('/groups', 'VPN')];
  for (const [login, displayName, name] of people) {
    const userName = `${login}@${domain}`;
    const made = await call('POST', '/users', { userName, displayName, email: userName, department: departments[name], groups });
    if (login.startsWith('e.')) await call('POST', `/users/${made.id}/disable`);
  }
  const file = `userName,displayName,department\nf.nouri@${domain},Farah Nouri,Sales\ng.rossi@elsewhere.example,Gino Rossi,Sales\n`;
  await call('POST', '/imports?fileName=new-joiners.csv', file, { 'content-type': 'text/csv' });
};

const machines = [
  ['j.doe', 'BER-NB-0412', 'Microsoft Windows 11', '24H2'],
  ['m.rossi', 'BER-NB-0377', 'Microsoft Windows 11', '23H2'],
  ['k.tanaka', 'TYO-MB-0091', 'macOS', '26.1'],
  ['l.novak', 'PRG-NB-0120', 'Debian GNU/Linux', '12'],
  ['a.silva', 'LIS-MB-0033', 'macOS', '15.4'],
  ['s.larsen', 'CPH-NB-0208', 'Ubuntu', '24.04'],
] as const;

/** An organization at work: tokens, devices in several states, settings with a change that is not active. */
export const furnish = async (page: Page, origin: string, domain: string): Promise<void> => {
  const call = await callerIn(page);
  const device = (domains: unknown, autoProvisioning: boolean) => ({
    identityProviders: [{ kind: 'device', id: 'device', name: 'Latchkey', status: 'enabled', domains, autoProvisioning }],
    defaultIdp: null,
  });
  const draft = await call('PUT', '/settings/draft', device('any', true));
  await call('POST', '/settings/activate', { comment: 'Devices sign in' }, { 'if-match': `"${draft.revision}"` });
  await call('PUT', '/domains/acme.org');
  for (const application of [
    { kind: 'gateway', name: 'Wiki', identifier: 'https://wiki.acme.com' },
    { kind: 'api', name: 'Orders API', identifier: 'https://orders.acme.com', minEvidence: 'E2' },
  ])
    await call('POST', '/applications', application);
  const tokens: string[] = [];
  for (const [description, enrollment] of [
    ['Laptops, Berlin', 'automatic'],
    ['Contractors', 'approval'],
  ]) {
    const { token } = await call('POST', '/device-tokens', {
      description,
      enrollment,
      platforms: [],
      expiresInSeconds: 90 * 86_400,
    });
    tokens.push(String(token));
  }
  await call('POST', '/device-tokens', {
    description: 'Pilot',
    enrollment: 'approval',
    expiresInSeconds: 7 * 86_400,
    maxEnrollments: 25,
  });
  const furnished = new Map<string, ReturnType<typeof createDevice>>();
  for (const [index, [login, hostName, osName, osVersion]] of machines.entries()) {
    const parameters = {
      hostName,
      osName,
      osVersion,
      machineId: `machine-${index}`,
      serial: `5CD${1234 + index}XY`,
      agentVersion: '0.1.0',
    };
    const machine = createDevice({ origin, send: fetching(), parameters });
    const token = tokens[index < 4 ? 0 : 1] ?? '';
    const enrolled = await machine.enroll(token, `${login}@${domain}`);
    if (enrolled.kind === 'refused') throw new Error(`${login} was refused: ${enrolled.code}`);
    if (index < 4) for (let again = 0; again <= index; again += 1) await machine.signIn();
    furnished.set(login, machine);
  }
  // What the charts show is counted a few seconds after it has happened.
  for (let asked = 0; asked < 100; asked += 1) {
    const { enrollments } = (await call('GET', '/activity')) as { enrollments: readonly number[] }; // as the contract has it
    if (enrollments.some((count) => count > 0)) break;
    await page.waitForTimeout(200);
  }
  const { items } = (await call('GET', '/devices?q=l.novak')) as { items: readonly { id: string }[] }; // as the contract has it
  await call('POST', `/devices/${items[0]?.id}/quarantine`, { reason: 'Lost, then found' });
  await furnished.get('l.novak')?.signIn();
  await furnishDirectory(call, domain);
  await call('PUT', '/settings/draft', device([domain], false));
  const role = await call('POST', '/roles', {
    name: 'Help desk',
    permissions: { directory: 'full', devices: 'full', 'device-tokens': 'view', audit: 'view' },
  });
  await call('POST', '/invitations', { userName: `bob.with-a-long-name@${domain}`, roleId: role.id });
  for (const [description, scopes] of [
    ['Device reports, BI', ['devices:read', 'audit:read']],
    ['Terraform', ['settings:write', 'organization:read', 'applications:write']],
  ]) {
    await call('POST', '/api-keys', { description, scopes });
  }
  await call('POST', '/signing-keys', { purpose: 'idp-rsa' });
};
