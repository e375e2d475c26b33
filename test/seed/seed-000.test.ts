import { type DeviceIdp, type IdentityProvider, type SamlIdp, type SettingsInput, vouching } from '@latchkey/settings';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../kit/server.ts';
import { settingsApi } from '../kit/settings-api.ts';

/**
 * Seed 000 ("Adding the Zscaler Client Connector as an IdP"), sentence by sentence: each has a test, and what the test saw stands in
 * docs/reference/seed-000.md. The page is written by this run (`npx vitest run test/seed -u`) and compared with it, so it cannot lie.
 */

let server: TestServer;
let count = 0;

beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());

const deviceIdp = (change: Partial<DeviceIdp> = {}): DeviceIdp => ({
  kind: 'device',
  id: 'device',
  name: 'Devices',
  status: 'enabled',
  domains: 'any',
  autoProvisioning: true,
  ...change,
});
const okta = (change: Partial<SamlIdp> = {}): SamlIdp => ({
  kind: 'saml',
  id: 'okta',
  name: 'Okta',
  status: 'enabled',
  domains: [],
  autoProvisioning: false,
  signInUrl: 'https://okta.example/',
  ...change,
});
const settings = (identityProviders: readonly IdentityProvider[], defaultIdp: string | null): SettingsInput => ({
  identityProviders,
  defaultIdp,
});

/** An organization with the domains a.example to d.example (numbered, to be its own) and nothing activated. */
const start = async () => {
  count += 1;
  const domains = ['a', 'b', 'c', 'd'].map((letter) => `${letter}${count}.example`);
  const organization = await server.createOrganization(domains[0] ?? '', { activate: false });
  for (const domain of domains.slice(1)) await organization.grantDomain(domain);
  const api = await settingsApi(server, organization);
  const plain = (text: string): string =>
    domains.reduce((all, name, index) => all.replaceAll(name, `${'abcd'[index]}.example`), text);
  const own = (letter: 'a' | 'b' | 'c' | 'd'): string => domains['abcd'.indexOf(letter)] ?? '';

  /** Enrolls a device of somebody of this domain and signs in; says in words what came of it. */
  const signIn = async (letter: 'a' | 'b' | 'c' | 'd', login = 'jane'): Promise<string> => {
    const device = server.createDevice({ parameters: { machineId: `${login}-${letter}-${server.now()}` } });
    const token = await organization.createToken();
    const enrolled = await device.enroll(token.text, `${login}@${own(letter)}`);
    // A device of a domain that signs in elsewhere is not enrolled; asked for the way, it is told.
    if (enrolled.kind === 'refused' && enrolled.code === 'external_idp') {
      Object.assign(device.state, { deviceId: 'dev_none', userName: `${login}@${own(letter)}` });
    } else if (enrolled.kind === 'refused') return said(enrolled);
    return said(await device.signIn());
  };
  const saved = async (input: SettingsInput): Promise<string> => {
    const { status, body } = await api.save(input);
    return status === 200 ? 'saved' : plain(`${status} ${body.errors[0].code}: ${body.errors[0].message}`);
  };
  const activated = async (): Promise<string> => {
    const { status, body } = await api.activate();
    return status === 200
      ? `version ${body.version} is live`
      : plain(`${status} ${body.errors[0].code}: ${body.errors[0].message}`);
  };
  return { organization, api, plain, own, signIn, saved, activated };
};

type Attempt =
  | { readonly kind: 'refused'; readonly code: string; readonly received: { readonly body: string } }
  | { readonly kind: 'signed_in' };

const said = (attempt: Attempt): string => {
  if (attempt.kind === 'signed_in') return 'signed in';
  if (attempt.code !== 'external_idp') return `refused: ${attempt.code}`;
  const { openUrl } = JSON.parse(attempt.received.body) as { openUrl?: string }; // the problem's own member
  return openUrl === undefined ? 'refused: external_idp' : `sent to ${openUrl}`;
};

interface Row {
  readonly sentence: string;
  readonly title: string;
  readonly outcome: readonly string[];
}
const rows: Row[] = [];

/** One sentence: the test, and what it saw. The row is written only after everything that was expected came true. */
const sentence = (text: string, title: string, show: () => Promise<readonly string[]>): void => {
  test(title, async () => {
    const outcome = await show();
    rows.push({ sentence: text, title, outcome });
  });
};

describe('seed 000', () => {
  sentence(
    'If you configure the Zscaler Client Connector Portal as your identity provider (IdP), users automatically enroll with the Zscaler Client Connector.',
    'with the device IdP configured, a device enrolls without anybody doing anything',
    async () => {
      const { organization, own, saved, activated } = await start();
      await saved(settings([deviceIdp()], null));
      await activated();
      const enrolled = await server.createDevice().enroll((await organization.createToken()).text, `jane@${own('a')}`);
      expect(enrolled).toMatchObject({ kind: 'enrolled', status: 'registered' });
      return ['enrollment of jane@a.example: registered'];
    },
  );

  sentence(
    'Zscaler Client Connector uses a device token generated in the Zscaler Client Connector Portal to authenticate users and their devices for the Zscaler service.',
    'a device token opens enrollment, and without a good one there is none',
    async () => {
      const { organization, own, saved, activated } = await start();
      await saved(settings([deviceIdp()], null));
      await activated();
      const { id, text } = await organization.createToken();
      const device = server.createDevice();
      expect(await device.enroll(text, `jane@${own('a')}`)).toMatchObject({ kind: 'enrolled' });
      const signedIn = await device.signIn();
      expect(signedIn).toMatchObject({ kind: 'signed_in', user: { userName: `jane@${own('a')}` } });
      await organization.revokeToken(id);
      const refused = await server.createDevice({ parameters: { machineId: 'another' } }).enroll(text, `john@${own('a')}`);
      expect(refused).toMatchObject({ kind: 'refused' });
      return [
        'with the token: enrolled, signed in as jane@a.example',
        `with the token revoked: ${refused.kind === 'refused' ? said(refused) : 'enrolled'}`,
      ];
    },
  );

  sentence(
    'When using Zscaler Client Connector as your IdP, you cannot federate user identities with other external IdPs as the users are hosted locally within your tenant.',
    'a user of a device-IdP domain is hosted here, and no other IdP may vouch for the domain, nor the device IdP for another one',
    async () => {
      const { organization, own, signIn, saved, activated } = await start();
      await saved(settings([deviceIdp({ domains: [own('a')] }), okta()], 'okta'));
      await activated();
      expect(await signIn('a')).toBe('signed in');
      const user = await organization.storage.read.findUserByName(`jane@${own('a')}`);
      expect(user).toMatchObject({ source: 'jit:device' });
      const active = await server.activeSettings(organization.id);
      const verdicts = [
        ['okta', 'a', vouching(active, 'okta', own('a'))],
        ['device', 'a', vouching(active, 'device', own('a'))],
        ['okta', 'b', vouching(active, 'okta', own('b'))],
        ['device', 'b', vouching(active, 'device', own('b'))],
      ] as const;
      expect(verdicts.map(([, , { kind }]) => kind)).toEqual(['may_not', 'may', 'may', 'may_not']);
      return [
        `jane@a.example was made by ${user?.source}`,
        ...verdicts.map(
          ([idp, letter, verdict]) =>
            `${idp} for ${letter}.example: ${verdict.kind === 'may' ? 'may vouch' : `may not vouch (${verdict.reason})`}`,
        ),
      ];
    },
  );

  sentence(
    'Add the Zscaler Client Connector Portal as an IdP in the ZIA Admin Portal.',
    'nobody signs in before the device IdP is added and live',
    async () => {
      const { signIn, saved, activated } = await start();
      const before = await signIn('a');
      expect(before).toBe('refused: not_activated');
      await saved(settings([deviceIdp()], null));
      await activated();
      const after = await signIn('a');
      expect(after).toBe('signed in');
      return [`before: ${before}`, `after: ${after}`];
    },
  );

  sentence(
    'Disable SAML auto-provisioning for your existing IdP or change the User Repository Type to Hosted DB on the Authentication Profile page.',
    'the prerequisite: neither is refused with what to do, each of the two is enough',
    async () => {
      const { own, saved, activated } = await start();
      const beside = (autoProvisioning: boolean): readonly IdentityProvider[] => [
        deviceIdp({ domains: [own('a')] }),
        okta({ autoProvisioning }),
      ];
      const directory = { authenticationProfile: { userRepositoryType: 'directory' } } as const;
      await saved({ ...settings(beside(true), 'okta'), ...directory });
      const neither = await activated();
      expect(neither).toMatch(/^409 auto_provisioning_elsewhere: .*--auto-provisioning off.*"hosted"/);
      await saved({ ...settings(beside(false), 'okta'), ...directory });
      const off = await activated();
      expect(off).toBe('version 1 is live');
      await saved(settings(beside(true), 'okta'));
      const hosted = await activated();
      expect(hosted).toBe('version 2 is live');
      return [`neither: ${neither}`, `auto-provisioning off on the existing IdP: ${off}`, `repository hosted: ${hosted}`];
    },
  );

  sentence(
    'This authentication method only works with Zscaler Client Connector.',
    'a browser is told that this only works with the agent',
    async () => {
      const answer = await server.app.inject({ url: '/agent/v1/session', headers: { accept: 'text/html' } });
      expect(answer.body).toContain('only works with the Latchkey agent');
      return [`${answer.statusCode}: a page that says "only works with the Latchkey agent"`];
    },
  );

  sentence(
    'Go to Administration > Authentication Settings. Click the Identity Providers tab. Click Add Zscaler Client Connector Portal as IdP. The window appears.',
    'adding the device IdP asks for its domains, status and auto-provisioning, and says what it thinks of them before anything is live',
    async () => {
      const { api, saved, signIn } = await start();
      expect(await saved(settings([deviceIdp()], null))).toBe('saved');
      const { body } = await api.call('GET', '/settings/draft');
      expect(body.problems).toEqual([]);
      const { id, kind, name, ...asked } = body.document.identityProviders[0];
      expect({ id, kind, name }).toEqual({ id: 'device', kind: 'device', name: 'Devices' });
      expect(Object.keys(asked).toSorted()).toEqual(['autoProvisioning', 'domains', 'status']);
      expect(await signIn('a')).toBe('refused: not_activated');
      return [`draft, revision ${body.revision}: ${JSON.stringify(asked)}`, 'live: nothing yet'];
    },
  );

  sentence(
    'Authentication Domains: Select Any to map all domains to the Zscaler Client Connector Portal or select specific domains.',
    'Any maps every domain to the device IdP, a list only those on it',
    async () => {
      const { own, signIn, saved, activated } = await start();
      const letters = ['a', 'b', 'c', 'd'] as const;
      const seen = async () => {
        const all: string[] = [];
        for (const letter of letters) all.push(`${letter}.example ${await signIn(letter)}`);
        return all;
      };
      await saved(settings([deviceIdp()], null));
      await activated();
      const any = await seen();
      expect(any).toEqual(letters.map((letter) => `${letter}.example signed in`));
      await saved(settings([deviceIdp({ domains: [own('a'), own('c')] }), okta()], 'okta'));
      await activated();
      const list = await seen();
      expect(list).toEqual([
        'a.example signed in',
        'b.example sent to https://okta.example/',
        'c.example signed in',
        'd.example sent to https://okta.example/',
      ]);
      return [`Any: ${any.join(', ')}`, `a.example, c.example: ${list.join(', ')}`];
    },
  );

  sentence(
    'This allows the Zscaler Client Connector Portal to authenticate an incoming user.',
    'a user of a selected domain is vouched for by the device IdP',
    async () => {
      const { organization, own, signIn, saved, activated } = await start();
      await saved(settings([deviceIdp({ domains: [own('b')] }), okta()], 'okta'));
      await activated();
      expect(await signIn('b')).toBe('signed in');
      const event = (await organization.audit()).find(({ action }) => action === 'sign_in.accepted');
      expect(event?.details).toMatchObject({ idp: 'device', userName: `jane@${own('b')}` });
      return ['audit: sign_in.accepted, idp device, jane@b.example'];
    },
  );

  sentence(
    'Any unselected domains are mapped to the default IdP.',
    'unselected domains go to the default IdP, whichever it is',
    async () => {
      const { own, signIn, saved, activated } = await start();
      await saved(settings([deviceIdp({ domains: [own('a')] }), okta()], 'okta'));
      await activated();
      const toOkta = await signIn('b');
      expect(toOkta).toBe('sent to https://okta.example/');
      await saved(settings([deviceIdp({ domains: [] }), okta({ domains: [own('a')] })], 'device'));
      await activated();
      const toDevice = await signIn('b');
      expect(toDevice).toBe('signed in');
      return [`default okta: b.example ${toOkta}`, `default device: b.example ${toDevice}`];
    },
  );

  sentence(
    'Except the default IdP, any additional IdPs must be mapped to at least one domain.',
    'an IdP without a domain is refused, unless it is the default',
    async () => {
      const { own, saved } = await start();
      const additional = await saved(settings([deviceIdp({ domains: [] }), okta()], 'okta'));
      expect(additional).toMatch(/^400 domains_missing/);
      const byDefault = await saved(settings([deviceIdp({ domains: [own('a')] }), okta()], 'okta'));
      expect(byDefault).toBe('saved');
      return [`device, not the default, without a domain: ${additional}`, `okta, the default, without a domain: ${byDefault}`];
    },
  );

  sentence('Status: Enable or Disable the IdP.', 'a disabled IdP lets nobody in, and an enabled one does', async () => {
    const { signIn, saved, activated } = await start();
    await saved(settings([deviceIdp({ status: 'disabled' })], null));
    await activated();
    const disabled = await signIn('a');
    expect(disabled).toBe('refused: idp_disabled');
    await saved(settings([deviceIdp({ status: 'enabled' })], null));
    await activated();
    const enabled = await signIn('a');
    expect(enabled).toBe('signed in');
    return [`disabled: ${disabled}`, `enabled: ${enabled}`];
  });

  sentence(
    'Enable SAML Auto-Provisioning: Enable this field to provision users on the Zscaler service.',
    'with auto-provisioning an unknown user gets an account, without it is refused',
    async () => {
      const { organization, own, signIn, saved, activated } = await start();
      const names = async () =>
        (await organization.storage.read.searchUsers({ limit: 10 })).items.map(({ userName }) => userName);
      await saved(settings([deviceIdp({ autoProvisioning: false })], null));
      await activated();
      const off = await signIn('a');
      expect(off).toBe('refused: user_unknown');
      expect(await names()).toEqual([]);
      await saved(settings([deviceIdp({ autoProvisioning: true })], null));
      await activated();
      const on = await signIn('a');
      expect(on).toBe('signed in');
      expect(await names()).toEqual([`jane@${own('a')}`]);
      return [`off: ${off}, no account`, `on: ${on}, account jane@a.example`];
    },
  );

  sentence('Click Save and activate the change.', 'a saved change is not live before it is activated', async () => {
    const { signIn, saved, activated } = await start();
    await saved(settings([deviceIdp()], null));
    await activated();
    await saved(settings([deviceIdp({ status: 'disabled' })], null));
    const before = await signIn('a');
    expect(before).toBe('signed in');
    const live = await activated();
    const after = await signIn('a');
    expect(after).toBe('refused: idp_disabled');
    return [`saved: ${before}`, `${live}: ${after}`];
  });

  test('the page says what this run has seen', async () => {
    const cell = (text: string): string => text.replaceAll('|', '\\|');
    const table = rows.map(
      ({ sentence, title, outcome }) => `| ${cell(sentence)} | ${cell(title)} | ${outcome.map(cell).join('<br>')} |`,
    );
    const page = `# Seed 000, sentence by sentence

What [Adding the Zscaler Client Connector as an IdP](https://help.zscaler.com/zia/adding-zscaler-client-connector-portal-idp) says, the test
that shows it of Latchkey, and what that test saw. Every row is written by a test that has passed, against a whole server; do not edit it:
\`npx vitest run test/seed -u\`. The tests are in \`test/seed/seed-000.test.ts\`. The words are explained in [settings](../guides/settings.md).

| the sentence | the test | what came of it |
| --- | --- | --- |
${table.join('\n')}
`;
    expect(rows).toHaveLength(14);
    await expect(page).toMatchFileSnapshot('../../docs/reference/seed-000.md');
  });
});
