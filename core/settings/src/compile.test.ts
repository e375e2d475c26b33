import { describe, expect, test } from 'vitest';
import {
  compile,
  type DeviceIdp,
  type IdentityProvider,
  type IdpDomains,
  type Route,
  readSettings,
  route,
  type SamlIdp,
  type SettingsDocument,
  sessionEnd,
  validate,
  vouching,
} from './index.ts';

type Status = DeviceIdp['status'];

const device = (domains: IdpDomains, status: Status = 'enabled'): DeviceIdp => ({
  id: 'device',
  kind: 'device',
  name: 'Devices',
  status,
  domains,
  autoProvisioning: true,
});

const external = (id: string, domains: IdpDomains, status: Status = 'enabled'): SamlIdp => ({
  id,
  kind: 'saml',
  name: id,
  status,
  domains,
  autoProvisioning: false,
  signInUrl: `https://${id}.example/`,
});

const okta = (domains: IdpDomains, status: Status = 'enabled'): SamlIdp => external('okta', domains, status);

const domains = ['a.com', 'b.com', 'c.com', 'd.com'];
const facts = { provedDomains: domains };
const ids: readonly string[] = ['device', 'okta', 'entra'];

const settings = (identityProviders: readonly IdentityProvider[], defaultIdp: string | null): SettingsDocument =>
  readSettings({ identityProviders, defaultIdp });
const shown = (route: Route): string => (route.kind === 'none' ? route.reason : route.idp.id);

interface Combination {
  /** For each domain the provider that names it, or null. */
  readonly named: readonly (string | null)[];
  readonly any: string | null;
  readonly defaultIdp: string | null;
  readonly statuses: readonly Status[];
}

const oneOf = [null, ...ids];

/** Every way to give four domains to three providers or to none, with Any, default and status. */
const combinations = (): readonly Combination[] => {
  const given = domains.reduce<readonly (readonly (string | null)[])[]>(
    (all) => all.flatMap((each) => oneOf.map((id) => [...each, id])),
    [[]],
  );
  const statuses = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
    ids.map((_, index): Status => (((bits >> index) & 1) === 0 ? 'enabled' : 'disabled')),
  );
  return given.flatMap((named) =>
    oneOf
      // Any and a list are one choice of a provider: it has one or the other.
      .filter((any) => any === null || !named.includes(any))
      .flatMap((any) =>
        oneOf.flatMap((defaultIdp) => statuses.map((each): Combination => ({ named, any, defaultIdp, statuses: each }))),
      ),
  );
};

const documentOf = ({ named, any, defaultIdp, statuses }: Combination): SettingsDocument =>
  settings(
    ids.map((id, index) => {
      const own = any === id ? 'any' : domains.filter((_, at) => named[at] === id);
      return id === 'device' ? device(own, statuses[index]) : external(id, own, statuses[index]);
    }),
    defaultIdp,
  );

/** Seed 000 in one line: who names it, else who takes Any, else the default; and a disabled one lets nobody in. */
const expected = ({ named, any, defaultIdp, statuses }: Combination): readonly string[] =>
  named.map((id) => {
    const owner = id ?? any ?? defaultIdp;
    if (owner === null) return 'domain_unknown';
    return statuses[ids.indexOf(owner)] === 'enabled' ? owner : 'idp_disabled';
  });

describe('the routing table (seed 000)', () => {
  const all = combinations();

  test('every combination of three providers, four domains, Any, default and status', () => {
    expect(all).toHaveLength(15_968);
    for (const combination of all) {
      const compiled = compile(documentOf(combination), facts);
      const routed = domains.map((domain) => shown(route(compiled, domain)));
      expect({ combination, routed }).toEqual({ combination, routed: expected(combination) });
    }
  });

  test('of these, exactly those may be activated in which every provider but the default has a domain', () => {
    for (const combination of all) {
      const { named, any, defaultIdp } = combination;
      const allowed = ids.every((id) => id === defaultIdp || id === any || named.includes(id));
      const errors = validate(documentOf(combination), facts).filter(({ severity }) => severity === 'error');
      expect({ combination, allowed: errors.length === 0 }).toEqual({ combination, allowed });
    }
  });

  test('of these, Any beside another default is warned of, and so is a default that is disabled', () => {
    for (const combination of all) {
      const { any, defaultIdp, statuses } = combination;
      const codes = validate(documentOf(combination), facts).map(({ code }) => code);
      expect({ combination, warned: codes.includes('default_unreachable') }).toEqual({
        combination,
        warned: any !== null && defaultIdp !== null && any !== defaultIdp,
      });
      expect({ combination, warned: codes.includes('default_disabled') }).toEqual({
        combination,
        warned: defaultIdp !== null && statuses[ids.indexOf(defaultIdp)] === 'disabled',
      });
    }
  });

  test('of these, only the provider a domain is routed to may vouch for its users (seed 000: not federated)', () => {
    for (const combination of all) {
      const compiled = compile(documentOf(combination), facts);
      for (const [at, domain] of domains.entries()) {
        const allowed = ids.filter((id) => vouching(compiled, id, domain).kind === 'may');
        const owner = expected(combination)[at];
        expect({ combination, domain, allowed }).toEqual({ combination, domain, allowed: ids.filter((id) => id === owner) });
      }
    }
  });

  test.each<readonly [string, readonly IdentityProvider[], string | null, readonly string[]]>([
    [
      'a list maps only its domains, the rest goes to the default',
      [device(['a.com']), okta([])],
      'okta',
      ['device', 'okta', 'okta', 'okta'],
    ],
    ['Any maps all', [device('any')], null, ['device', 'device', 'device', 'device']],
    [
      'without a default, unselected domains go nowhere',
      [device(['a.com'])],
      null,
      ['device', 'domain_unknown', 'domain_unknown', 'domain_unknown'],
    ],
    [
      'a disabled IdP is not used, and its domains do not fall to the default',
      [device(['a.com'], 'disabled'), okta([])],
      'okta',
      ['idp_disabled', 'okta', 'okta', 'okta'],
    ],
  ])('%s', (_, identityProviders, defaultIdp, routed) => {
    const compiled = compile(settings(identityProviders, defaultIdp), facts);
    expect(domains.map((domain) => shown(route(compiled, domain)))).toEqual(routed);
  });

  test('a domain the organization has not proved has no route, even under Any or by name', () => {
    for (const each of ['any', ['evil.com']] as const) {
      const compiled = compile(settings([device(each)], 'device'), facts);
      expect(shown(route(compiled, 'evil.com'))).toBe('domain_unknown');
      expect(vouching(compiled, 'device', 'evil.com')).toEqual({ kind: 'may_not', reason: 'domain_unknown' });
    }
  });

  test('settings that were never activated route nothing', () => {
    expect(shown(route(undefined, 'a.com'))).toBe('not_activated');
    expect(vouching(undefined, 'device', 'a.com')).toEqual({ kind: 'may_not', reason: 'not_activated' });
  });

  test('a domain named like a member of every object has no route', () => {
    expect(shown(route(compile(settings([device('any')], null), facts), 'constructor'))).toBe('domain_unknown');
  });
});

describe('the end of a session', () => {
  const session = { createdAt: 1_000_000, expiresAt: 1_000_000 + 3_600_000 };
  const allowing = (deviceSessionSeconds: number) =>
    compile(readSettings({ identityProviders: [], defaultIdp: null, authenticationProfile: { deviceSessionSeconds } }), facts);

  test.each([
    [300, 1_300_000],
    [3600, session.expiresAt],
    [86_400, session.expiresAt],
  ])('with %i seconds allowed now', (seconds, end) => {
    expect(sessionEnd(allowing(seconds), session)).toBe(end);
  });

  test('without settings, it has none to go on with', () => {
    expect(sessionEnd(undefined, session)).toBe(session.createdAt);
  });
});
