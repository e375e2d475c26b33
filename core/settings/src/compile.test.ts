import { describe, expect, test } from 'vitest';
import { compile, type DeviceIdp, type IdpDomains, type Route, route, type SamlIdp, type SettingsDocument } from './index.ts';

const device = (domains: IdpDomains, status: DeviceIdp['status'] = 'enabled'): DeviceIdp => ({
  id: 'device',
  kind: 'device',
  name: 'Devices',
  status,
  domains,
  autoProvisioning: true,
});

const okta = (domains: IdpDomains, status: SamlIdp['status'] = 'enabled'): SamlIdp => ({
  id: 'okta',
  kind: 'saml',
  name: 'Okta',
  status,
  domains,
  autoProvisioning: false,
  signInUrl: 'https://acme.okta.com/',
});

const facts = { provedDomains: ['a.com', 'b.com', 'c.com'] };

const shown = (route: Route): string => (route.kind === 'none' ? route.reason : route.idp.id);

describe('the routing table (seed 000)', () => {
  const choices: readonly IdpDomains[] = ['any', [], ['a.com'], ['b.com'], ['a.com', 'b.com']];
  const statuses = ['enabled', 'disabled'] as const;
  const combinations = choices.flatMap((deviceDomains) =>
    choices.flatMap((oktaDomains) =>
      statuses.flatMap((deviceStatus) =>
        statuses.flatMap((oktaStatus) =>
          [null, 'device', 'okta'].flatMap((defaultIdp) =>
            // Two of Any, or one domain twice: such a document cannot be saved (validate.test.ts).
            deviceDomains === oktaDomains ||
            (deviceDomains !== 'any' && oktaDomains !== 'any' && deviceDomains.some((d) => oktaDomains.includes(d)))
              ? []
              : [{ deviceDomains, oktaDomains, deviceStatus, oktaStatus, defaultIdp }],
          ),
        ),
      ),
    ),
  );

  test('every combination: explicit beats Any, Any beats the default, a disabled IdP keeps its domains', () => {
    expect(combinations).toHaveLength(192);
    for (const { deviceDomains, oktaDomains, deviceStatus, oktaStatus, defaultIdp } of combinations) {
      const document: SettingsDocument = {
        identityProviders: [device(deviceDomains, deviceStatus), okta(oktaDomains, oktaStatus)],
        defaultIdp,
      };
      const compiled = compile(document, facts);
      for (const domain of facts.provedDomains) {
        const expected = (): string => {
          const owner =
            deviceDomains !== 'any' && deviceDomains.includes(domain)
              ? 'device'
              : oktaDomains !== 'any' && oktaDomains.includes(domain)
                ? 'okta'
                : deviceDomains === 'any'
                  ? 'device'
                  : oktaDomains === 'any'
                    ? 'okta'
                    : defaultIdp;
          if (owner === null) return 'domain_unknown';
          return (owner === 'device' ? deviceStatus : oktaStatus) === 'enabled' ? owner : 'idp_disabled';
        };
        expect({ document, domain, to: shown(route(compiled, domain)) }).toEqual({ document, domain, to: expected() });
      }
    }
  });

  test.each([
    [
      'a list maps only its domains, the rest goes to the default',
      [device(['a.com']), okta([])],
      'okta',
      ['device', 'okta', 'okta'],
    ],
    ['Any maps all', [device('any')], null, ['device', 'device', 'device']],
    [
      'without a default, unselected domains go nowhere',
      [device(['a.com'])],
      null,
      ['device', 'domain_unknown', 'domain_unknown'],
    ],
    [
      'a disabled IdP is not used, and its domains do not fall to the default',
      [device(['a.com'], 'disabled'), okta([])],
      'okta',
      ['idp_disabled', 'okta', 'okta'],
    ],
  ])('%s', (_, identityProviders, defaultIdp, expected) => {
    const compiled = compile({ identityProviders, defaultIdp }, facts);
    expect(facts.provedDomains.map((domain) => shown(route(compiled, domain)))).toEqual(expected);
  });

  test('a domain the organization has not proved has no route, even under Any or by name', () => {
    expect(shown(route(compile({ identityProviders: [device('any')], defaultIdp: 'device' }, facts), 'evil.com'))).toBe(
      'domain_unknown',
    );
    expect(shown(route(compile({ identityProviders: [device(['evil.com'])], defaultIdp: 'device' }, facts), 'evil.com'))).toBe(
      'domain_unknown',
    );
  });

  test('settings that were never activated route nothing', () => {
    expect(shown(route(undefined, 'a.com'))).toBe('not_activated');
  });

  test('a domain named like a member of every object has no route', () => {
    expect(shown(route(compile({ identityProviders: [device('any')], defaultIdp: null }, facts), 'constructor'))).toBe(
      'domain_unknown',
    );
  });
});
