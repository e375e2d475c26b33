import { hash } from 'node:crypto';
import { deflateRawSync, deflateSync } from 'node:zlib';
import { deviceErrorTexts } from '@latchkey/device';
import {
  type AuthnRequest,
  bindings,
  type NameID,
  nameIDFormats,
  readXml,
  writeAuthnRequest,
  writeEntityDescriptor,
  writePaosRequest,
} from '@latchkey/saml';
import { describe, expect, test } from 'vitest';
import { parseAuthnRequest } from '../../core/saml/src/messages/authn-request.ts';
import type { Begun, SimulatedDevice } from '../kit/device.ts';
import { nodeDigest as digest, ecKey, rsaKey } from '../kit/saml-keys.ts';
import { begin, genuineFor, readResponse, refusalOf } from './flow.ts';
import { type Expected, judge, note } from './judge.ts';
import { requestAttacks, splitProlog } from './messages.ts';
import { encodingAttacks, looseUtf8 } from './octets.ts';
import type { Answer, Target, TargetOrganization } from './target.ts';

const refusal = { kind: 'problem', code: 'request_refused', title: deviceErrorTexts.request_refused } as const;
const REFUSED: Expected = { voice: refusal };
/** What cannot be read is not looked at any further. */
const UNREADABLE: Expected = { voice: { ...refusal, status: 400 } };
/** There is a verified request to answer, and the proof is not good. */
const ANSWERED_NO: Expected = { voice: { kind: 'response', code: 'request_refused' } };
const PAGE: Expected = { voice: { kind: 'page', status: 400, title: 'The sign-in request was refused' } };

const EVIL = 'https://evil.example/acs';
const ENTITY = 'https://wiki.example/saml/metadata';
const PAOS_ACS = 'https://wiki.example/saml/paos';
const BROWSER_ACS = 'https://wiki.example/saml/post';

/** The attacks on the device identity provider: as the agent posts requests, and as browsers bring them. */
export const attackIdentityProvider = async (target: Target, acme: TargetOrganization, other: TargetOrganization) => {
  const refuse = judge(target);
  const device = await acme.enroll('j.doe');
  const foreign = await rsaKey();
  const foreignKey = foreign.signingKey('rsa-sha256');
  const metadata = (entityID: string, origin: string): string =>
    writeEntityDescriptor({
      entityID,
      sp: {
        authnRequestsSigned: true,
        wantAssertionsSigned: true,
        keys: [{ use: 'signing', certificate: foreignKey.certificate }],
        nameIDFormats: [],
        assertionConsumerServices: [
          { binding: bindings.paos, location: `${origin}/saml/paos`, index: 0, isDefault: true },
          { binding: bindings.httpPost, location: `${origin}/saml/post`, index: 1 },
        ],
        singleLogoutServices: [],
      },
    });
  await acme.registerApplication({ kind: 'saml', identifier: ENTITY, metadata: metadata(ENTITY, 'https://wiki.example') });

  let count = 0;
  const request = (change: Partial<AuthnRequest> = {}): AuthnRequest => {
    count += 1;
    return {
      id: `_request${count}`,
      issueInstant: new Date(target.now()),
      issuer: ENTITY,
      destination: target.origin + acme.sso,
      assertionConsumerServiceURL: PAOS_ACS,
      nameIDPolicy: { allowCreate: true },
      ...change,
    };
  };
  const signed = (asked: AuthnRequest): string => writeAuthnRequest(asked, { key: foreignKey, digest });

  /** As the agent has it from another service provider. */
  const begunAt = async (asked: SimulatedDevice, authnRequest: string, responseConsumerURL = PAOS_ACS): Promise<Begun> => {
    const paosRequest = writePaosRequest({ authnRequest, responseConsumerURL, issuer: ENTITY });
    return {
      kind: 'begun',
      paosRequest,
      soapRequest: paosRequest.replace(/<S:Header>.*<\/S:Header>/s, ''),
      responseConsumerURL,
      relayState: undefined,
      nonce: await asked.challenge(),
    };
  };

  /** Posts octets with a good proof over them. */
  const ask = (begun: Begun, octets: Uint8Array, path = acme.sso): Promise<Answer> =>
    target.exchange({
      method: 'POST',
      path,
      headers: {
        'content-type': 'text/xml',
        'latchkey-device': device.state.deviceId,
        'latchkey-proof': device.proofFor(begun, '', {
          proof: (payload) => ({ ...payload, digest: hash('sha256', octets, 'base64url') }),
        }),
      },
      body: octets,
    });
  /** The envelope with another request in it; what stands before its root goes before the envelope. */
  const enveloped = (begun: Begun, xml: string): Buffer => {
    const { prolog, root } = splitProlog(xml);
    return looseUtf8(prolog + begun.soapRequest.replace(/<samlp:AuthnRequest.*<\/samlp:AuthnRequest>/s, () => root));
  };
  const requestIn = (begun: Begun): string => /<samlp:AuthnRequest.*<\/samlp:AuthnRequest>/s.exec(begun.soapRequest)?.[0] ?? '';

  const own = await begin(device);
  const theirs = await begunAt(device, signed(request()));
  const ownKey = acme.party('sp-ec');
  const foreignParty = { privateKey: foreign.privateKey, certificate: foreignKey.certificate };
  const strangers = { ec: await ecKey(), rsa: await rsaKey() };
  const sides = [
    { who: 'our own service provider (ec)', begun: own, signer: ownKey, stranger: strangers.ec, algorithm: 'ecdsa-sha256' },
    { who: 'another one (rsa)', begun: theirs, signer: foreignParty, stranger: strangers.rsa, algorithm: 'rsa-sha256' },
  ] as const;
  for (const { who, begun, signer, stranger, algorithm } of sides) {
    const genuine = requestIn(begun);
    const attacker = { privateKey: stranger.privateKey, certificate: stranger.signingKey(algorithm).certificate };
    const needs = { genuine, attacker, evilAcs: EVIL, digest, now: new Date(target.now()) };

    describe(`requests in the name of ${who}, posted by the agent`, () => {
      test.each(requestAttacks({ ...needs, signer }))('$name', async ({ name, xml }) => {
        await refuse(name, REFUSED, () => ask(begun, enveloped(begun, xml)));
      });

      test.each(encodingAttacks(begun.soapRequest, parseAuthnRequest(readXml(genuine)).issuer))(
        '$name',
        async ({ name, octets }) => {
          await refuse(name, UNREADABLE, () => ask(begun, octets));
        },
      );

      test('the genuine one is answered all the same, after all of these', async () => {
        const { usedOnce } = await target.traces();
        expect(await device.prove({ ...begun, nonce: await device.challenge() })).toMatchObject({ kind: 'proven' });
        expect((await target.traces()).usedOnce).toBe(usedOnce + 3);
      });

      test('class 59 replayed: the same request a second time, with a new proof', async () => {
        await refuse('class 59 replayed', { ...ANSWERED_NO, audited: 'request_replayed' }, async () =>
          refusalOf(device.prove({ ...begun, nonce: await device.challenge() }), 'prove'),
        );
      });
    });
  }

  describe('requests that a browser brings', () => {
    const genuine = signed(request({ assertionConsumerServiceURL: BROWSER_ACS, protocolBinding: bindings.httpPost }));
    const attacker = { privateKey: strangers.rsa.privateKey, certificate: strangers.rsa.signingKey('rsa-sha256').certificate };
    const needs = { genuine, attacker, signer: foreignParty, evilAcs: EVIL, digest, now: new Date(target.now()) };
    const form = (fields: string, path = acme.sso): Promise<Answer> =>
      target.exchange({ method: 'POST', path, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: fields });
    const base64 = (octets: Uint8Array) => `SAMLRequest=${encodeURIComponent(Buffer.from(octets).toString('base64'))}`;
    const seenByPerson = (answer: Answer) => {
      expect(answer.status).toBe(403);
      expect(answer.body).toContain('only works with the Latchkey agent');
      expect(answer.body).not.toMatch(/script|evil|<form/);
    };

    test.each(requestAttacks(needs))('$name, by form', async ({ name, xml }) => {
      await refuse(`${name}, by form`, PAGE, () => form(base64(looseUtf8(xml))));
    });

    test.each<[string, () => string]>([
      ['class 34 form_bom', () => base64(Buffer.from(`\ufeff${genuine}`))],
      ['class 34 form_utf16', () => base64(Buffer.from(genuine, 'utf16le'))],
      ['class 34 form_overlong', () => base64(Buffer.from([0xc0, 0xbc]))],
      ['class 35 form_no_base64', () => `SAMLRequest=${encodeURIComponent(genuine)}`],
      ['class 35 form_empty', () => ''],
      ['class 59 form_twice', () => `${base64(Buffer.from(genuine))}&${base64(Buffer.from(genuine))}`],
      ['class 59 form_response', () => base64(Buffer.from(genuine)).replace('SAMLRequest', 'SAMLResponse')],
      ['class 59 form_both', () => `${base64(Buffer.from(genuine))}&SAMLResponse=AAAA`],
    ])('%s', async (name, fields) => {
      await refuse(name, PAGE, () => form(fields()));
    });

    test('the genuine one gets the page for people without an agent, and no answer', async () => {
      seenByPerson(await form(base64(Buffer.from(genuine))));
    });

    const octetsOf = (xml: string) => encodeURIComponent(deflateRawSync(xml).toString('base64'));
    const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
    const unsigned = writeAuthnRequest(request({ assertionConsumerServiceURL: BROWSER_ACS, protocolBinding: bindings.httpPost }));
    /** saml-bindings §3.4.4.1, built by hand so that each part can be wrong. */
    const query = (change: { message?: string; relayState?: string; algorithm?: string; by?: typeof foreign } = {}) => {
      const { message = octetsOf(unsigned), relayState = 'back', algorithm = RSA_SHA256, by = foreign } = change;
      const octets = `SAMLRequest=${message}&RelayState=${encodeURIComponent(relayState)}&SigAlg=${encodeURIComponent(algorithm)}`;
      const signature = encodeURIComponent(by.signingKey('rsa-sha256').sign(octets));
      return { octets, signature, whole: `${octets}&Signature=${signature}` };
    };
    const redirect = (text: string): Promise<Answer> => target.exchange({ method: 'GET', path: `${acme.sso}?${text}` });
    const good = query();
    const evil = octetsOf(unsigned.replace(BROWSER_ACS, EVIL));

    test.each<[string, string]>([
      ['unsigned', `SAMLRequest=${octetsOf(unsigned)}`],
      ['no_signature', good.octets],
      ['no_sig_alg', good.whole.replace(/&SigAlg=[^&]*/, '')],
      ['empty_signature', `${good.octets}&Signature=`],
      ['other_message', good.whole.replace(octetsOf(unsigned), evil)],
      ['other_relay_state', good.whole.replace('RelayState=back', 'RelayState=evil')],
      ['no_relay_state', good.whole.replace('&RelayState=back', '')],
      ['relay_state_added', query().whole.replace('&RelayState=back', '&RelayState=back&RelayState=evil')],
      ['other_sig_alg', good.whole.replace('rsa-sha256', 'rsa-sha512')],
      ['sig_alg_sha1', query({ algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }).whole],
      ['sig_alg_hmac', query({ algorithm: 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256' }).whole],
      ['sig_alg_none', query({ algorithm: 'none' }).whole],
      ['other_key', query({ by: strangers.rsa }).whole],
      ['duplicate_before', `SAMLRequest=${evil}&${good.whole}`],
      ['duplicate_after', `${good.whole}&SAMLRequest=${evil}`],
      ['duplicate_signature', `${good.whole}&Signature=${good.signature}`],
      ['duplicate_sig_alg', `${good.whole}&SigAlg=${encodeURIComponent(RSA_SHA256)}`],
      ['encoded_name', `%53AMLRequest=${evil}&${good.whole}`],
      ['encoded_name_of_signature', `${good.octets}&Signatur%65=${good.signature}`],
      ['lower_case_escapes', good.whole.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase())],
      ['encoded_again', good.whole.replace('RelayState=back', 'RelayState=%62ack')],
      ['plus_for_space', query({ relayState: 'a b' }).whole.replace('a%20b', 'a+b')],
      ['both_messages', `${good.whole}&SAMLResponse=${octetsOf(unsigned)}`],
      ['as_response', good.whole.replace('SAMLRequest', 'SAMLResponse')],
      ['signature_inside', `SAMLRequest=${octetsOf(genuine)}`],
      ['signature_inside_other_outside', query({ message: octetsOf(genuine), by: strangers.rsa }).whole],
      ['saml_encoding', `${good.whole}&SAMLEncoding=${encodeURIComponent('urn:none')}`],
      ['bad_escape', good.whole.replace('RelayState=back', 'RelayState=%zz')],
      ['nul', good.whole.replace('RelayState=back', 'RelayState=back%00')],
      ['no_query', ''],
    ])('class 29 redirect_%s', async (name, text) => {
      await refuse(`class 29 redirect_${name}`, PAGE, () => redirect(text));
    });

    test('class 29 redirect_order: parameters in another order are signed in theirs, so the same', async () => {
      const parts = good.whole.split('&').reverse().join('&');
      const answer = await redirect(parts);
      seenByPerson(answer);
      note('class 29 redirect_order', 'the same request', answer.milliseconds);
      seenByPerson(await redirect(good.whole));
    });

    test.each<[string, Partial<AuthnRequest>]>([
      ['class 58 acs_spoofed, by redirect', { assertionConsumerServiceURL: EVIL }],
      ['class 58 acs_javascript, by redirect', { assertionConsumerServiceURL: 'javascript:alert(1)' }],
      ['class 58 acs_of_another_binding, by redirect', { assertionConsumerServiceURL: PAOS_ACS }],
      ['class 58 acs_port, by redirect', { assertionConsumerServiceURL: BROWSER_ACS.replace('.example', '.example:443') }],
      ['class 58 acs_case, by redirect', { assertionConsumerServiceURL: BROWSER_ACS.toUpperCase() }],
      ['class 58 acs_path, by redirect', { assertionConsumerServiceURL: `${BROWSER_ACS}/../../evil` }],
      ['class 58 acs_user, by redirect', { assertionConsumerServiceURL: 'https://wiki.example@evil.example/saml/post' }],
      ['class 59 unknown_issuer, by redirect', { issuer: 'https://evil.example/metadata' }],
      ['class 59 xss_in_issuer, by redirect', { issuer: '"><script>alert(1)</script>' }],
      ['class 59 wrong_destination, by redirect', { destination: 'https://other.example/sso' }],
      ['class 59 no_destination, by redirect', {}],
      ['class 59 old, by redirect', { issueInstant: new Date(target.now() - 301_000) }],
    ])('%s', async (name, change) => {
      const { destination: _, ...open } = request({ assertionConsumerServiceURL: BROWSER_ACS });
      const whole = request({ assertionConsumerServiceURL: BROWSER_ACS, ...change });
      const xml = writeAuthnRequest(name.includes('no_destination') ? open : whole);
      await refuse(name, PAGE, () => redirect(query({ message: octetsOf(xml) }).whole));
    });

    test('class 57 relay_state_shown: what a good request brings is not repeated', async () => {
      for (const relayState of ['"><script>alert(1)</script>', '//evil.example', 'x\r\nSet-Cookie: evil=1', 'x'.repeat(2000)]) {
        const answer = await redirect(query({ relayState }).whole);
        seenByPerson(answer);
        expect(JSON.stringify(answer.headers)).not.toMatch(/evil/);
        note('class 57 relay_state_shown', 'not repeated', answer.milliseconds);
      }
    });

    const bomb = (octets: number) => deflateRawSync(Buffer.alloc(octets, 0x20), { level: 9 });
    const inQuery = (octets: Uint8Array) => encodeURIComponent(Buffer.from(octets).toString('base64'));
    // As long as a URL may be; a longer one is not read at all.
    const tenMegabytes = inQuery(bomb(10_000_000));
    test.each<[string, () => string]>([
      ['bomb_10_mb: in 10 kB of query, rightly signed', () => query({ message: tenMegabytes }).whole],
      ['bomb_unsigned', () => `SAMLRequest=${tenMegabytes}`],
      ['bomb_just_over: one octet more than 256 kB', () => query({ message: inQuery(bomb(262_145)) }).whole],
      [
        'bomb_1_gb: a query of a megabyte',
        () => `SAMLRequest=${inQuery(Buffer.concat(Array<Buffer>(100).fill(bomb(10_000_000))))}`,
      ],
      ['zlib_header: deflate with a header', () => query({ message: inQuery(deflateSync(unsigned)) }).whole],
      ['cut: the end is missing', () => query({ message: inQuery(deflateRawSync(unsigned).subarray(0, 50)) }).whole],
      ['not_deflated', () => query({ message: inQuery(Buffer.from(unsigned)) }).whole],
    ])('class 37 %s', async (name, text) => {
      const ready = text();
      await refuse(`class 37 ${name}`, PAGE, () => redirect(ready));
    });

    test('class 37 form: forms are not inflated', async () => {
      const fields = base64(bomb(50_000_000));
      await refuse('class 37 form', PAGE, () => form(fields));
    });
  });

  describe('requests that are somebody else’s (saml-attacks, classes 45, 58 to 60)', () => {
    test('class 45 other_devices_request: the answer to a request that another device began', async () => {
      const twin = await acme.enroll('m.roe');
      const begun = await begin(twin);
      await refuse('class 45 other_devices_request', { ...ANSWERED_NO, audited: 'proof_claim' }, async () =>
        refusalOf(device.prove({ ...begun, nonce: await device.challenge() }), 'prove'),
      );
    });

    test('class 52 other_organizations_sso: our request at their identity provider', async () => {
      const begun = await begin(device);
      await refuse('class 52 other_organizations_sso', REFUSED, () => ask(begun, Buffer.from(begun.soapRequest), other.sso));
    });

    test.each<[string, NameID]>([
      ['subject: another user', { value: `ceo@${acme.domain}` }],
      ['subject_in_another_domain', { value: `j.doe@${other.domain}` }],
      ['subject_no_user_name', { value: 'j.doe' }],
      ['subject_persistent: a name that is not this user’s', { value: 'x', format: nameIDFormats.persistent }],
    ])('class 59 %s is not answered with this one', async (name, subject) => {
      const begun = await begunAt(device, signed(request({ subject })));
      await refuse(`class 59 ${name}`, { voice: { kind: 'response', code: 'user_change' }, audited: 'user_change' }, () =>
        refusalOf(device.prove(begun), 'prove'),
      );
    });

    test('a request that names the user of the device is answered (saml-core §3.4.1.4)', async () => {
      const begun = await begunAt(device, signed(request({ subject: { value: device.state.userName.toUpperCase() } })));
      expect(await device.prove(begun)).toMatchObject({ kind: 'proven' });
    });

    test('class 59 force_authn, is_passive: each answer is a new proof without a prompt', async () => {
      for (const change of [{ forceAuthn: true }, { isPassive: true }, { forceAuthn: true, isPassive: true }]) {
        target.wait(1000);
        const proven = await device.prove(await begunAt(device, signed(request(change))));
        if (proven.kind === 'refused') throw new Error(proven.code);
        const { assertion } = readResponse(/<samlp:Response.*<\/samlp:Response>/s.exec(proven.ecpResponse)?.[0] ?? '');
        expect(assertion.authnStatement.authnInstant).toEqual(new Date(target.now()));
      }
      note('class 59 force_authn, is_passive', 'honoured', 0);
    });

    test.each<[string, string, Expected]>([
      [
        'class 59 authn_context_above: NoAuthnContext',
        'urn:latchkey:ac:classes:E4',
        { voice: { kind: 'response', code: 'evidence_too_low' }, audited: 'evidence_too_low' },
      ],
    ])('%s', async (name, classRef, expected) => {
      const asked = request({ requestedAuthnContext: { comparison: 'exact', classRefs: [classRef] } });
      const begun = await begunAt(device, signed(asked));
      const answer = await refuse(name, expected, () => refusalOf(device.prove(begun), 'prove'));
      expect(answer.body).toContain('status:NoAuthnContext');
    });
  });

  test('class 27 rsa_1024: a service provider whose registered key is too small', async () => {
    const small = await rsaKey(1024);
    const issuer = 'https://small.example/saml/metadata';
    const { certificate } = small.signingKey('rsa-sha256');
    const description = metadata(issuer, 'https://small.example').replace(foreignKey.certificate, certificate);
    await acme.registerApplication({ kind: 'saml', identifier: issuer, metadata: description });
    const asked = request({ issuer, assertionConsumerServiceURL: 'https://small.example/saml/paos' });
    const xml = writeAuthnRequest(asked, { key: small.signingKey('rsa-sha256'), digest });
    const begun = await begunAt(device, xml, 'https://small.example/saml/paos');
    await refuse('class 27 rsa_1024', REFUSED, () => refusalOf(device.prove(begun), 'prove'));
  });

  describe('injection at the identity provider (saml-attacks, class 43)', () => {
    const evils = [
      '</saml:AttributeValue></saml:Attribute><saml:Attribute Name="role"><saml:AttributeValue>admin',
      'x</saml:AttributeValue><saml:AttributeValue>y',
      ']]><evil/><![CDATA[',
      '&lt;evil/&gt;&#60;&amp;',
      '<!-- x --><?evil?><!DOCTYPE evil>',
      '" Name="role" x="\'',
    ];
    test.each(evils)('class 43 display_name: %s', async (displayName) => {
      count += 1;
      const login = `inject${count}`;
      await acme.createUser(login, displayName);
      const started = performance.now();
      const { text, response } = await genuineFor(await acme.enroll(login));
      note('class 43 display_name', 'stays text', performance.now() - started);
      expect(response.assertion.attributes.map(({ name, values }) => [name, values.length])).toEqual(
        ['userName', 'displayName', 'deviceId', 'deviceEvidence', 'deviceKeyStorage'].map((name) => [name, 1]),
      );
      expect(response.assertion.attributes[1]?.values).toEqual([displayName]);
      expect(text).not.toMatch(/<evil|<!/);
    });

    test.each(['</saml:NameID><x>', '&amp;', '"\'', '<!---->'])('class 43 user_name: %s', async (part) => {
      count += 1;
      const started = performance.now();
      const { response } = await genuineFor(await acme.enroll(`u${count}${part}`));
      note('class 43 user_name', 'stays text', performance.now() - started);
      expect(response.assertion.subject.value).toBe(`u${count}${part}@${acme.domain}`);
    });

    test.each(evils)('class 43 claim: what the device says of itself goes into the request as text: %s', async (hostName) => {
      const talker = target.createDevice({ parameters: { hostName } });
      Object.assign(talker.state, { deviceId: 'dev_<x y="">&', userName: device.state.userName });
      const started = performance.now();
      const begun = await begin(talker);
      note('class 43 claim', 'stays text', performance.now() - started);
      expect(parseAuthnRequest(readXml(requestIn(begun))).claim).toMatchObject({
        deviceId: 'dev_<x y="">&',
        parameters: { hostName },
      });
    });

    test.each(['\u0000', '\u0008', '\u001b[2J', '\ufffe', '\ud800'])(
      'class 43 illegal: %j in the claim is refused',
      async (character) => {
        const talker = target.createDevice({ parameters: { hostName: `x${character}` } });
        Object.assign(talker.state, { deviceId: device.state.deviceId, userName: device.state.userName });
        await refuse(
          'class 43 illegal',
          {
            voice: {
              kind: 'problem',
              code: 'parameters_invalid',
              title: deviceErrorTexts.parameters_invalid,
            },
          },
          () => refusalOf(talker.begin(), 'begin'),
        );
      },
    );
  });
};
