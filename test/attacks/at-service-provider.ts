import { gzipSync } from 'node:zlib';
import { type DeviceErrorCode, deviceErrorTexts } from '@latchkey/device';
import { describe, expect, test } from 'vitest';
import type { SimulatedDevice } from '../kit/device.ts';
import { nodeDigest as digest, ecKey, rsaKey, type SamlKeyPair } from '../kit/saml-keys.ts';
import { bearerOf, type Genuine, genuineFor, paos, refusalOf, said } from './flow.ts';
import type { Party } from './forge.ts';
import { type Expected, judge, note } from './judge.ts';
import { responseAttacks, responseVariants, rewrittenAssertionAttacks } from './messages.ts';
import { encodingAttacks, looseUtf8 } from './octets.ts';
import type { Answer, Target, TargetOrganization } from './target.ts';

const refusal = { kind: 'problem', code: 'response_refused', title: deviceErrorTexts.response_refused } as const;
const REFUSED: Expected = { voice: refusal };
/** What cannot be read is not looked at any further. */
const UNREADABLE: Expected = { voice: { ...refusal, status: 400 } };
/** Rightly signed, for us and new: refused for what it says, which is audited. */
const audited = (code: DeviceErrorCode): Expected => ({
  voice: { kind: 'problem', code, title: deviceErrorTexts[code] },
  audited: code,
});
const NOT_FOUND: Expected = { voice: { kind: 'problem', code: 'not_found', title: 'There is nothing at this address.' } };
const PAOS = { 'content-type': 'application/vnd.paos+xml' };

const attackerOf = (pair: SamlKeyPair, algorithm: 'rsa-sha256' | 'ecdsa-sha256'): Party => ({
  privateKey: pair.privateKey,
  certificate: pair.signingKey(algorithm).certificate,
});

/** The attacks on our own assertion consumer service. */
export const attackServiceProvider = async (target: Target, acme: TargetOrganization, other: TargetOrganization) => {
  const refuse = judge(target);
  const post = (octets: string | Uint8Array, path = acme.acs, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    target.exchange({
      method: 'POST',
      path,
      headers: { ...PAOS, ...headers },
      body: typeof octets === 'string' ? looseUtf8(octets) : octets,
    });
  const victim = await acme.enroll('j.doe');
  const attacker = await acme.enroll('mallory');
  const { idpEc, idpRsa } = acme.keys;

  /** May be accepted, but only as the genuine user on the genuine device. */
  const accept = async (name: string, { device }: Genuine, body: string | Uint8Array, headers = {}): Promise<Answer> => {
    const before = await target.traces();
    const answer = await post(body, acme.acs, headers);
    expect(answer.status, answer.body).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({
      user: { userName: device.state.userName },
      device: { id: device.state.deviceId },
    });
    expect(await target.traces()).toMatchObject({ sessions: before.sessions + 1, errors: 0 });
    note(name, 'the same user', answer.milliseconds);
    return answer;
  };

  const kinds = [
    { type: 'ec', key: idpEc, signer: acme.party('idp-ec'), attacker: attackerOf(await ecKey(), 'ecdsa-sha256') },
    { type: 'rsa', key: idpRsa, signer: acme.party('idp-rsa'), attacker: attackerOf(await rsaKey(), 'rsa-sha256') },
  ] as const;
  for (const { type, key, signer, attacker: stranger } of kinds) {
    const first = await genuineFor(victim);
    const genuine = said(first.response, key);
    const without = { genuine, attacker: stranger, victim: `ceo@${acme.domain}`, digest };
    const needs = { ...without, signer };

    describe(`messages to our service provider (${type})`, () => {
      test.each([...responseAttacks(needs), ...rewrittenAssertionAttacks(needs)])('$name', async ({ name, xml }) => {
        await refuse(name, REFUSED, () => post(paos(xml)));
      });

      test.each(responseAttacks(without))('$name, without the key', async ({ name, xml }) => {
        await refuse(name, REFUSED, () => post(paos(xml)));
      });

      test.each(encodingAttacks(paos(genuine), victim.state.userName))('$name', async ({ name, octets }) => {
        await refuse(name, UNREADABLE, () => post(octets));
      });

      test('the genuine one is accepted all the same, after all of these', async () => {
        await accept('class 44 genuine: the message all these were made of', first, paos(genuine));
      });
    });

    describe(`text that says the same (${type})`, () => {
      test.each(responseVariants({ ...needs }).filter(({ expected }) => expected === 'same'))('$name', async ({ name }) => {
        const fresh = await genuineFor(victim);
        const own = responseVariants({ ...needs, genuine: said(fresh.response, key) }).find((variant) => variant.name === name);
        await accept(name, fresh, paos(own?.xml ?? ''));
      });
    });
  }

  describe('names that are not the device’s (saml-attacks, class 53)', () => {
    const [login, domain] = victim.state.userName.split('@');
    test.each([
      ['nameid_unicode: a Cyrillic letter', `\u0458${victim.state.userName.slice(1)}`, 'user_change'],
      ['nameid_plus: a plus-address', `${login}+x@${domain}`, 'user_change'],
      ['nameid_fullwidth: equal only after NFKC', `\uff4a${victim.state.userName.slice(1)}`, 'user_change'],
      ['nameid_sharp_s: equal only after full case folding', `${login}\u00df@${domain}`, 'user_change'],
      ['nameid_prefix: the name goes on', `${login}.x@${domain}`, 'user_change'],
      ['nameid_other_domain: the login in another domain', `${login}@${other.domain}`, 'domain_not_proved'],
      ['nameid_subdomain', `${login}@x.${domain}`, 'domain_not_proved'],
    ] as const)('class 53 %s', async (name, value, code) => {
      const { response } = await genuineFor(victim);
      const subject = { ...response.assertion.subject, value };
      await refuse(`class 53 ${name}`, audited(code), () => post(paos(said(response, idpEc, { subject }))));
    });

    test.each([
      ['nameid_two_ats', `${login}@${domain}@${other.domain}`],
      ['nameid_no_at', login ?? ''],
      ['nameid_no_login', `@${domain}`],
      ['nameid_dot_after_domain', `${login}@${domain}.`],
      ['nameid_inner_space', `j. doe@${domain}`],
      ['nameid_kelvin_in_domain', `${login}@\u212a.${domain}`],
    ])('class 53 %s', async (name, value) => {
      const { response } = await genuineFor(victim);
      const subject = { ...response.assertion.subject, value };
      await refuse(`class 53 ${name}`, REFUSED, () => post(paos(said(response, idpEc, { subject }))));
    });

    test('class 53 nameid_case: names are compared without regard to case, as documented', async () => {
      const fresh = await genuineFor(victim);
      const subject = { ...fresh.response.assertion.subject, value: victim.state.userName.toUpperCase() };
      await accept('class 53 nameid_case', fresh, paos(said(fresh.response, idpEc, { subject })));
    });
  });

  describe('a stolen key of the identity provider (saml-attacks, class 28)', () => {
    const golden = async (name: string, expected: Expected, change: (genuine: Genuine) => string): Promise<void> => {
      const genuine = await genuineFor(attacker);
      await refuse(`class 28 ${name}`, expected, () => post(paos(change(genuine))));
    };

    test('class 28 golden_unsolicited: no request of ours, no answer', () =>
      golden('golden_unsolicited', REFUSED, ({ response: { inResponseTo: _, ...response } }) => {
        const { inResponseTo: __, ...bearer } = bearerOf(response);
        return said(response, idpEc, { subjectConfirmations: [bearer] });
      }));

    test('class 28 golden_invented_request: an ID that we have not made', () =>
      golden('golden_invented_request', REFUSED, ({ response }) => {
        const inResponseTo = `_${'A'.repeat(73)}`;
        return said({ ...response, inResponseTo }, idpEc, { subjectConfirmations: [{ ...bearerOf(response), inResponseTo }] });
      }));

    test('class 28 golden_other_user: on the attacker’s device the victim is somebody else', () =>
      golden('golden_other_user', audited('user_change'), ({ response }) =>
        said(response, idpEc, { subject: { value: victim.state.userName } }),
      ));

    test('class 28 golden_no_device', () =>
      golden('golden_no_device', audited('device_unknown'), ({ response }) => said(response, idpEc, { attributes: [] })));

    test('class 28 golden_victims_device: the session is of use to the key of that device only', async () => {
      const { response } = await genuineFor(attacker);
      const fresh = await genuineFor(victim);
      const stolen = said({ ...fresh.response, inResponseTo: response.inResponseTo ?? '' }, idpEc, {
        id: '_golden',
        subjectConfirmations: [bearerOf(response)],
      });
      const { session } = JSON.parse((await accept('class 28 golden_victims_device', fresh, paos(stolen))).body);
      await acme.registerApplication({ identifier: 'https://golden.example' });
      await refuse('class 28 golden_session', audited('session_unknown'), () =>
        refusalOf(attacker.accessToken('https://golden.example', session.id), 'call'),
      );
    });
  });

  describe('text and size over HTTP', () => {
    const large = (octets: number) => `<x>${'y'.repeat(octets)}</x>`;
    const zipped = gzipSync(Buffer.alloc(50_000_000));
    test.each([
      ['class 34 empty: no octet at all', () => post('')],
      [
        'class 34 gzip: a compressed body is not unpacked',
        () => post(gzipSync('<x/>'), acme.acs, { 'content-encoding': 'gzip' }),
      ],
      ['class 36 300_kb: over the limit', () => post(large(300_000))],
      ['class 36 8_mb', () => post(large(8_000_000))],
      [
        'class 36 8_mb_chunked: without a Content-Length',
        () => post(large(8_000_000), acme.acs, { 'transfer-encoding': 'chunked' }),
      ],
      ['class 36 gzip_bomb', () => post(zipped, acme.acs, { 'content-encoding': 'gzip' })],
      ['class 36 full_256_kb: as large as may be', () => post(paos(large(261_000)))],
      ['class 36 angle_brackets: 256 kB of <', () => post('<'.repeat(262_144))],
      ['class 36 ampersands: 256 kB of &', () => post(`<x>${'&'.repeat(262_000)}</x>`)],
      ['class 36 references', () => post(`<x>${'&#x41;'.repeat(43_000)}</x>`)],
      ['class 36 spaces_in_tag', () => post(`<x${' '.repeat(262_000)}`)],
      ['class 36 long_name', () => post(`<${'x'.repeat(131_000)}></${'x'.repeat(131_000)}>`)],
      [
        'class 36 depth_64_wide: as deep and as many as may be',
        () => post('<x>'.repeat(63) + '<x/>'.repeat(1900) + '</x>'.repeat(63)),
      ],
      ['class 36 cdata_runs', () => post(`<x>${'<![CDATA[]]>'.repeat(21_000)}</x>`)],
    ])('%s', async (name, attack) => {
      await refuse(name, REFUSED, attack);
    });

    test('class 36 costly_signature: what a stranger can make us compute', async () => {
      const { text } = await genuineFor(victim);
      const filled = (name: string) =>
        text.replace(new RegExp(`<ds:${name}>[^<]*`), `<ds:${name}>${'A'.repeat(240_000)}`).replaceAll('j.doe', 'ceo');
      const declarations = Array.from({ length: 200 }, (_, index) => `xmlns:p${index}="urn:p${index}"`).join(' ');
      const heavy = {
        signature_value: filled('SignatureValue'),
        digest_value: filled('DigestValue'),
        certificate: filled('X509Certificate'),
        namespaces: text.replace('<samlp:Response', `<samlp:Response ${declarations}`).replaceAll('j.doe', 'ceo'),
      };
      for (const [name, xml] of Object.entries(heavy)) await refuse(`class 36 costly_${name}`, REFUSED, () => post(paos(xml)));
    });

    test('class 26 keyinfo_changed: KeyInfo is not looked at, so whatever it says is the same', async () => {
      const fresh = await genuineFor(victim);
      const xml = fresh.text.replace(/<ds:X509Certificate>[^<]*/, '<ds:X509Certificate>AAAA');
      await accept('class 26 keyinfo_changed', fresh, paos(xml));
    });

    test('class 34 labelled_utf16: whatever the header says, the octets are read as UTF-8', async () => {
      const fresh = await genuineFor(victim);
      const headers = { 'content-type': 'application/vnd.paos+xml; charset=utf-16' };
      await accept('class 34 labelled_utf16', fresh, paos(fresh.text), headers);
    });
  });

  describe('replay (saml-attacks, class 44)', () => {
    const used = async () => {
      const genuine = await genuineFor(victim);
      await accept('class 44 first: once', genuine, paos(genuine.text));
      return genuine;
    };

    test('class 44 replay: the same Response again', async () => {
      const { text } = await used();
      await refuse('class 44 replay', REFUSED, () => post(paos(text)));
    });

    test('class 44 replay_renamed_response: the same Assertion in a Response with another ID', async () => {
      const { text } = await used();
      await refuse('class 44 replay_renamed_response', REFUSED, () => post(paos(text.replace(/ ID="[^"]*"/, ' ID="_other"'))));
    });

    test('class 44 replay_new_assertion: another Assertion for a request that was answered', async () => {
      const { response } = await used();
      await refuse('class 44 replay_new_assertion', REFUSED, () =>
        post(paos(said({ ...response, id: '_new_response' }, idpEc, { id: '_new_assertion' }))),
      );
    });

    test('class 44 replay_same_response_id: another Assertion and request in a Response with a used ID', async () => {
      const { response } = await used();
      const fresh = await genuineFor(victim);
      await refuse('class 44 replay_same_response_id', REFUSED, () =>
        post(paos(said({ ...fresh.response, id: response.id }, idpEc))),
      );
    });

    test('class 44 replay_after_sign_out', async () => {
      const { text } = await used();
      await victim.signOut();
      await refuse('class 44 replay_after_sign_out', REFUSED, () => post(paos(text)));
      await victim.signIn();
    });

    test('class 44 replay_later: when the row that remembers it may be forgotten, it has expired', async () => {
      const { text } = await used();
      target.wait(601_000);
      await refuse('class 44 replay_later', REFUSED, () => post(paos(text)));
    });

    test('class 44 replay_parallel: 32 at once make one session', async () => {
      const { text } = await genuineFor(victim);
      const before = await target.traces();
      const started = performance.now();
      const answers = await Promise.all(Array.from({ length: 32 }, () => post(paos(text))));
      note('class 44 replay_parallel', '1 of 32', performance.now() - started);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(31).fill(403)]);
      const after = await target.traces();
      expect(after.sessions).toBe(before.sessions + 1);
      expect(after.audited).toBe(before.audited + 1);
    });
  });

  describe('who, to whom and when, rightly signed (saml-attacks, classes 47 to 52)', () => {
    const edge = (name: string, verdict: 'same' | Expected, change: (genuine: Genuine, now: number) => string) =>
      test(name, async () => {
        const genuine = await genuineFor(victim);
        const body = paos(change(genuine, target.now()));
        if (verdict === 'same') await accept(name, genuine, body);
        else await refuse(name, verdict, () => post(body));
      });
    const confirmedUntil =
      (offset: number) =>
      ({ response }: Genuine, now: number) =>
        said(response, idpEc, { subjectConfirmations: [{ ...bearerOf(response), notOnOrAfter: new Date(now + offset) }] });
    const valid =
      (conditions: (now: number) => { notBefore?: Date; notOnOrAfter?: Date }) =>
      ({ response }: Genuine, now: number) =>
        said(response, idpEc, { conditions: { ...response.assertion.conditions, ...conditions(now) } });

    // The skew is 60 seconds; its edge is outside.
    edge('class 49 edge_inside: confirmed until 59.999 s ago', 'same', confirmedUntil(-59_999));
    edge('class 49 edge_outside: until 60 s ago', REFUSED, confirmedUntil(-60_000));
    edge(
      'class 49 edge_conditions_inside',
      'same',
      valid((now) => ({ notOnOrAfter: new Date(now - 59_999) })),
    );
    edge(
      'class 49 edge_conditions_outside',
      REFUSED,
      valid((now) => ({ notOnOrAfter: new Date(now - 60_000) })),
    );
    edge(
      'class 49 edge_not_before_inside',
      'same',
      valid((now) => ({ notBefore: new Date(now + 60_000) })),
    );
    edge(
      'class 49 edge_not_before_outside',
      REFUSED,
      valid((now) => ({ notBefore: new Date(now + 60_001) })),
    );
    edge('class 49 session_just_over', REFUSED, ({ response }, now) =>
      said(response, idpEc, {
        authnStatement: { ...response.assertion.authnStatement, sessionNotOnOrAfter: new Date(now - 60_000) },
      }),
    );

    edge('class 56 one_time_use: obeyed, as every Assertion is used once', 'same', ({ response }) =>
      said(response, idpEc, { conditions: { ...response.assertion.conditions, oneTimeUse: true } }),
    );
    edge('class 56 proxy_restriction: nothing is proxied', 'same', ({ response }) =>
      said(response, idpEc, { conditions: { ...response.assertion.conditions, proxyRestriction: true } }),
    );

    const named =
      (value: string, change: (deviceId: string) => string = (id) => id) =>
      ({ response }: Genuine) =>
        said(response, idpEc, {
          subject: { ...response.assertion.subject, value },
          attributes: response.assertion.attributes.map((attribute) =>
            attribute.name === 'deviceId' ? { ...attribute, values: attribute.values.map(change) } : attribute,
          ),
        });
    edge('class 51 other_organizations_domain', audited('domain_not_proved'), named(`bob@${other.domain}`));
    edge('class 51 unknown_domain', audited('domain_not_proved'), named('bob@nobody.example'));
    edge(
      'class 51 other_device_of_the_organization',
      audited('user_change'),
      named(victim.state.userName, () => attacker.state.deviceId),
    );
    edge(
      'class 51 device_of_nobody',
      audited('device_unknown'),
      named(victim.state.userName, () => 'dev_none'),
    );

    test('class 51 other_organizations_device', async () => {
      const theirs = await other.enroll('j.doe');
      const genuine = await genuineFor(victim);
      await refuse('class 51 other_organizations_device', audited('device_unknown'), () =>
        post(paos(named(victim.state.userName, () => theirs.state.deviceId)(genuine))),
      );
    });

    test('class 51 existing_account: an account that an administrator made is not taken over by name', async () => {
      await acme.createUser('admin');
      const genuine = await genuineFor(attacker);
      await refuse('class 51 existing_account', audited('user_change'), () => post(paos(named(`admin@${acme.domain}`)(genuine))));
    });

    test('class 51 domain_of_another_idp: routed elsewhere in the same organization', async () => {
      await acme.grantDomain('elsewhere.example');
      await acme.activate([
        {
          kind: 'saml',
          id: 'entra',
          name: 'Entra',
          status: 'enabled',
          domains: ['elsewhere.example'],
          autoProvisioning: true,
          signInUrl: 'https://login.example/start',
        },
      ]);
      const genuine = await genuineFor(victim);
      await refuse('class 51 domain_of_another_idp', audited('external_idp'), () =>
        post(paos(named('bob@elsewhere.example')(genuine))),
      );
      await acme.activate();
    });

    test('class 52 other_organizations_acs: our Response at theirs', async () => {
      const { text } = await genuineFor(victim);
      await refuse('class 52 other_organizations_acs', REFUSED, () => post(paos(text), other.acs));
    });

    test('class 52 other_organizations_idp: their Response at ours', async () => {
      const { text } = await genuineFor(await other.enroll('j.roe'));
      await refuse('class 52 other_organizations_idp', REFUSED, () => post(paos(text)));
    });

    test('class 52 other_organizations_idp_redirected: their identity provider says it is for us', async () => {
      const { response } = await genuineFor(victim);
      const theirs = (await genuineFor(await other.enroll('m.roe'))).response;
      for (const message of [
        response,
        { ...response, issuer: theirs.issuer, assertion: { ...response.assertion, issuer: theirs.issuer } },
      ]) {
        await refuse('class 52 other_organizations_idp_redirected', REFUSED, () => post(paos(said(message, other.keys.idpEc))));
      }
    });

    test('class 52 other_idp_of_the_organization, and an organization that does not exist', async () => {
      const { text } = await genuineFor(victim);
      for (const path of [acme.acs.replace('/device/', '/entra/'), acme.acs.replace(acme.id, 'org_none'), `${acme.acs}/`]) {
        const answer = await refuse('class 52 other_acs', NOT_FOUND, () => post(paos(text), path));
        expect(answer.status).toBe(404);
      }
    });
  });

  describe('RelayState (saml-attacks, class 57)', () => {
    test.each([
      ['open_redirect', '//evil.example/'],
      ['javascript', 'javascript:alert(1)'],
      ['html', '"><script>alert(1)</script>'],
      ['line_breaks', 'x\r\nLocation: https://evil.example/'],
      ['long', 'x'.repeat(4000)],
    ])('class 57 relay_state_%s: leads nowhere and is not repeated', async (name, relayState) => {
      const fresh = await genuineFor(victim);
      const answer = await accept(`class 57 relay_state_${name}`, fresh, paos(fresh.text, relayState));
      expect(answer.headers.location).toBeUndefined();
      expect(answer.headers['content-type']).toContain('application/json');
      expect(JSON.stringify(answer)).not.toMatch(/evil|alert|xxxx/);
    });

    test('class 57 relay_state_twice', async () => {
      const { text } = await genuineFor(victim);
      const twice = paos(text, 'x').replace(/<ecp:RelayState .*<\/ecp:RelayState>/s, (block) => block + block);
      await refuse('class 57 relay_state_twice', REFUSED, () => post(twice));
    });
  });

  describe('envelopes', () => {
    test.each<[string, (text: string) => string]>([
      [
        'class 9 two_messages: an evil Response beside the genuine one in the Body',
        (text) => text + text.replaceAll('j.doe', 'ceo'),
      ],
      ['class 9 no_message', () => ''],
      [
        'class 9 other_message: a Fault that holds the Response',
        (text) => `<S:Fault><faultcode>S:Client</faultcode><faultstring>x</faultstring><detail>${text}</detail></S:Fault>`,
      ],
    ])('%s', async (name, change) => {
      const { text } = await genuineFor(victim);
      await refuse(name, REFUSED, () => post(paos(`<x/>`).replace('<x/>', () => change(text))));
    });

    test('class 9 header_message: the genuine Response in the Header, an evil one in the Body', async () => {
      const { text } = await genuineFor(victim);
      const evil = paos(text.replaceAll('j.doe', 'ceo').replace(/<ds:Signature.*<\/ds:Signature>/s, ''));
      await refuse('class 9 header_message', REFUSED, () => post(evil.replace('</S:Header>', () => `${text}</S:Header>`)));
    });
  });

  describe('what an assertion says beside the name (saml-attacks, class 63)', () => {
    const claiming = (genuine: Genuine, attributes: Readonly<Record<string, string>>): string =>
      said(genuine.response, idpEc, {
        attributes: [
          ...genuine.response.assertion.attributes,
          ...Object.entries(attributes).map(([name, value]) => ({ name, values: [value] })),
        ],
      });

    test('class 63 jit_privileges: role, admin, groups, organization and state are nothing', async () => {
      const device = await acme.enroll('climber');
      const genuine = await genuineFor(device);
      const xml = claiming(genuine, {
        role: 'owner',
        admin: 'true',
        groups: 'Service Admin',
        email: 'somebody@else.example',
        department: 'Finance',
        organization: other.id,
        tenant: other.id,
        state: 'disabled',
        id: 'usr_chosen',
        'http://schemas.microsoft.com/ws/2008/06/identity/claims/role': 'GlobalAdministrator',
      });
      const before = await target.traces();
      const { user } = JSON.parse((await accept('class 63 jit_privileges', genuine, paos(xml))).body);
      expect((await target.traces()).users).toBe(before.users + 1);
      const made = await acme.storage.read.findUser(user.id);
      expect(made).toEqual({
        id: expect.stringMatching(/^usr_[0-9a-f]{32}$/),
        userName: device.state.userName,
        displayName: device.state.userName,
        email: '',
        departmentId: undefined,
        comments: '',
        state: 'active',
        disabledBy: undefined,
        source: 'jit:device',
        revision: 1,
        createdAt: target.now(),
        updatedAt: target.now(),
      });
      expect(await acme.storage.read.listGroupsOfUser(user.id)).toEqual([]);
      expect(await other.storage.read.findUserByName(device.state.userName)).toBeUndefined();
      const admin = await target.exchange({
        method: 'GET',
        path: `/api/v1/organizations/${acme.id}/users`,
        headers: {
          authorization: `Bearer ${JSON.parse((await accept('class 63 jit_renewal', ...(await renewal(device)))).body).session.id}`,
        },
      });
      expect(admin.status).toBe(401);
    });

    const renewal = async (device: SimulatedDevice): Promise<[Genuine, string]> => {
      const genuine = await genuineFor(device);
      return [genuine, paos(genuine.text)];
    };

    test('class 63 jit_second_value: two values or two attributes of one name do not name another device', async () => {
      const genuine = await genuineFor(attacker);
      const xml = claiming(genuine, { deviceId: victim.state.deviceId, userName: victim.state.userName });
      await accept('class 63 jit_second_value', genuine, paos(xml));
    });

    test('class 63 jit_deleted_user: an account that was deleted does not come back', async () => {
      const device = await acme.enroll('leaver');
      const { response } = await genuineFor(device);
      const id = await acme.createUser('leaver');
      await acme.storage.transaction((store) => store.changeUserState(id, 'active', { state: 'deleted', at: target.now() }));
      await refuse('class 63 jit_deleted_user', audited('user_unknown'), () => post(paos(said(response, idpEc))));
      expect(await acme.storage.read.findUserByName(device.state.userName)).toBeUndefined();
    });

    test('class 63 jit_disabled_user', async () => {
      const device = await acme.enroll('suspended');
      const { response } = await genuineFor(device);
      const id = await acme.createUser('suspended');
      await acme.storage.transaction((store) => store.changeUserState(id, 'active', { state: 'disabled', at: target.now() }));
      await refuse('class 63 jit_disabled_user', audited('user_disabled'), () => post(paos(said(response, idpEc))));
    });

    test('class 63 jit_mass: one device makes one account, whoever it says it is', async () => {
      const device = await acme.enroll('crowd');
      const { users } = await target.traces();
      for (let index = 0; index < 5; index += 1) {
        const { response } = await genuineFor(device);
        const subject = { ...response.assertion.subject, value: `crowd${index}@${acme.domain}` };
        await refuse('class 63 jit_mass', audited('user_change'), () => post(paos(said(response, idpEc, { subject }))));
      }
      expect((await target.traces()).users).toBe(users);
    });
  });

  describe('login CSRF and session fixation (saml-attacks, class 64)', () => {
    const APP = 'https://mail.example';

    test('class 64 login_csrf: the attacker’s Response, posted by the victim, is a session of the attacker’s device', async () => {
      await acme.registerApplication({ identifier: APP });
      const genuine = await genuineFor(attacker);
      const answer = await accept('class 64 login_csrf', genuine, paos(genuine.text), {
        cookie: 'session=ses_chosen',
        'latchkey-device': victim.state.deviceId,
      });
      const { session } = JSON.parse(answer.body);
      expect(session.id).not.toBe('ses_chosen');
      expect(answer.headers['set-cookie']).toBeUndefined();

      await refuse('class 64 poster_uses_session', audited('session_unknown'), () =>
        refusalOf(victim.accessToken(APP, session.id), 'call'),
      );
      const token = (headers: Readonly<Record<string, string>>) =>
        target.exchange({
          method: 'POST',
          path: '/agent/v1/token',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ session: session.id, application: APP }),
        });
      for (const headers of [
        {},
        { 'latchkey-device': attacker.state.deviceId },
        { cookie: `session=${session.id}`, authorization: `Bearer ${session.id}` },
      ]) {
        const refused = await token(headers);
        expect([400, 401, 403]).toContain(refused.status);
        expect(refused.body).not.toContain('access_token');
        note('class 64 session_without_key', `refused ${refused.status}`, refused.milliseconds);
      }
      // The same call with the key of the victim’s device in the attacker’s name.
      await attacker.challenge();
      victim.state.nonce = attacker.state.nonce;
      const forged = await token({ 'latchkey-device': attacker.state.deviceId, dpop: victim.dpopFor('/agent/v1/token') });
      expect(forged.status).toBeGreaterThanOrEqual(400);
      note('class 64 session_with_another_key', `refused ${forged.status}`, forged.milliseconds);
      expect(await attacker.accessToken(APP, session.id)).toMatchObject({ kind: 'answered', token_type: 'DPoP' });
    });

    test('class 64 browser_form: nobody can bring an assertion by a browser', async () => {
      const { text } = await genuineFor(attacker);
      const body = new URLSearchParams({ SAMLResponse: Buffer.from(text).toString('base64'), RelayState: '/' }).toString();
      await refuse(
        'class 64 browser_form',
        { voice: { kind: 'page', status: 403, title: 'This sign-in only works with the Latchkey agent' } },
        () => post(body, acme.acs, { 'content-type': 'application/x-www-form-urlencoded' }),
      );
    });

    test('class 64 session_ids: each sign-in has one of its own', async () => {
      const ids = new Set<string>();
      for (let index = 0; index < 5; index += 1) {
        const genuine = await genuineFor(attacker);
        ids.add(JSON.parse((await accept('class 64 session_ids', genuine, paos(genuine.text))).body).session.id);
      }
      expect(ids.size).toBe(5);
    });
  });
};
