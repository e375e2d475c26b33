import { expect, test } from 'vitest';
import { parsePaosResponse, writePaosResponse } from '../../core/saml/src/bindings/soap.ts';
import { checkAuthnRequest } from '../../core/saml/src/checks/idp.ts';
import { checkResponse } from '../../core/saml/src/checks/sp.ts';
import { SamlError } from '../../core/saml/src/errors.ts';
import type { AuthnRequest } from '../../core/saml/src/message.ts';
import { writeAuthnRequest } from '../../core/saml/src/messages/authn-request.ts';
import { writeResponse } from '../../core/saml/src/messages/response.ts';
import { bindings } from '../../core/saml/src/names.ts';
import type { XmlElement } from '../../core/saml/src/xml/element.ts';
import { readXml } from '../../core/saml/src/xml/read.ts';
import { nodeDigest as digest, ecKey, rsaKey, type SamlKeyPair } from '../kit/saml-keys.ts';
import { IDP, REQUEST_ID, SP, sampleResponse } from '../kit/saml-response.ts';
import { requestAttacks, responseAttacks, responseVariants, rewrittenAssertionAttacks, splitProlog } from './messages.ts';

const now = new Date('2026-11-22T10:00:00Z');
const attackers = { rsa: await rsaKey(), ec: await ecKey() };
const signers = { rsa: await rsaKey(), ec: await ecKey() };
const algorithms = { rsa: 'rsa-sha256', ec: 'ecdsa-sha256' } as const;

const party = (pair: SamlKeyPair, type: 'rsa' | 'ec') => ({
  privateKey: pair.privateKey,
  certificate: pair.signingKey(algorithms[type]).certificate,
});

function refused(run: () => unknown): void {
  let accepted: unknown;
  try {
    accepted = run();
  } catch (error) {
    expect(error).toBeInstanceOf(SamlError);
    return;
  }
  expect.fail(`accepted: ${JSON.stringify(accepted)}`);
}

for (const type of ['rsa', 'ec'] as const) {
  const signer = signers[type];
  const key = signer.signingKey(algorithms[type]);
  const parties = { attacker: party(attackers[type], type), signer: party(signer, type) };

  const answer = sampleResponse(now);
  const genuine = writeResponse(answer, { digest, assertionKey: key });
  const check = (message: string | XmlElement, wantResponseSigned = false, wantAssertionSigned = true) =>
    checkResponse({
      element: typeof message === 'string' ? readXml(message) : message,
      idp: { entityId: IDP.entityId, keys: [signer.verificationKey], wantResponseSigned, wantAssertionSigned },
      sp: SP,
      isExpectedRequest: (id) => id === REQUEST_ID,
      now,
      skewSeconds: 60,
      digest,
    });
  const needs = { genuine, ...parties, victim: 'admin@example.com', digest };

  test(`the service provider accepts the genuine Response (${type})`, () => {
    expect(check(genuine).assertion).toEqual(answer.assertion);
  });

  test.each([...responseAttacks(needs), ...rewrittenAssertionAttacks(needs)])(
    `the service provider refuses $name (${type})`,
    ({ xml }) => {
      expect(xml).not.toBe(genuine);
      refused(() => check(xml));
      refused(() => check(xml, true, true));
      refused(() => check(xml, true, false));
      refused(() => check(xml, false, false));
    },
  );

  test.each(responseAttacks(needs))(`the service provider refuses $name, in a PAOS envelope (${type})`, ({ xml }) => {
    const { prolog, root } = splitProlog(xml);
    const envelope = prolog + writePaosResponse({ response: root });
    refused(() => check(parsePaosResponse(envelope, readXml).response));
  });

  test.each(responseAttacks({ genuine, attacker: parties.attacker, victim: needs.victim, digest }))(
    `the service provider refuses $name, without the identity provider's key (${type})`,
    ({ xml }) => refused(() => check(xml)),
  );

  test.each(responseVariants(needs))(`the service provider takes $name for what it says (${type})`, ({ xml, expected }) => {
    const { subject, ...rest } = check(xml).assertion;
    const { subject: original, ...others } = answer.assertion ?? { subject: undefined };
    expect(rest).toEqual(others);
    if (expected === 'same') expect(subject).toEqual(original);
    else expect(subject.value).not.toBe(original?.value);
  });

  const sso = { entityId: IDP.entityId, ssoUrl: 'https://idp.example.com/saml/sso' };
  const request: AuthnRequest = {
    id: REQUEST_ID,
    issueInstant: now,
    issuer: SP.entityId,
    destination: sso.ssoUrl,
    assertionConsumerServiceURL: SP.acsUrl,
    nameIDPolicy: { allowCreate: true },
  };
  const asked = writeAuthnRequest(request, { key, digest });
  const sp = {
    entityId: SP.entityId,
    keys: [signer.verificationKey],
    wantResponseSigned: false,
    assertionConsumerServices: [bindings.httpPost, bindings.paos].map((binding) => ({ binding, location: SP.acsUrl, index: 0 })),
  };
  const receive = (xml: string, binding: 'post' | 'soap') =>
    checkAuthnRequest({ element: readXml(xml), receivedBy: { binding }, sp, idp: sso, now, skewSeconds: 60, digest });

  test(`the identity provider accepts the genuine AuthnRequest (${type})`, () => {
    for (const binding of ['post', 'soap'] as const) expect(receive(asked, binding).request).toEqual(request);
  });

  test.each(requestAttacks({ genuine: asked, ...parties, evilAcs: 'https://evil.example/acs', digest, now }))(
    `the identity provider refuses $name (${type})`,
    ({ xml }) => {
      expect(xml).not.toBe(asked);
      for (const binding of ['post', 'soap'] as const) refused(() => receive(xml, binding));
    },
  );
}
