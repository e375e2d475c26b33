import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { xmlText } from '../../../../test/kit/xml-documents.ts';
import { SamlError } from '../errors.ts';
import { parseAuthnRequest } from '../messages/authn-request.ts';
import { readXml } from '../xml/read.ts';
import {
  parseEcpResponse,
  parsePaosRequest,
  parsePaosResponse,
  parseSoapFault,
  parseSoapRequest,
  writeEcpResponse,
  writePaosRequest,
  writePaosResponse,
  writeSoapFault,
} from './soap.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
const refusal = (code: string) => expect.objectContaining({ name: 'SamlError', code });

const authnRequest = '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1"></samlp:AuthnRequest>';
const response = '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_2"></samlp:Response>';
const request = { authnRequest, responseConsumerURL: 'https://sp.example.com/acs', issuer: 'https://sp.example.com' };

test('a PAOS request of mod_auth_mellon: unqualified actor, mustUnderstand="true", namespaces on the Envelope', () => {
  const source = fixture('mellon-paos-request.xml');
  const { authnRequest: element, message, ...rest } = parsePaosRequest(source, readXml);
  expect(rest).toEqual({
    responseConsumerURL: 'https://mellon.example.com/mellon/paosResponse',
    service: 'urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp',
    messageID: '_5B1F0B6C3A1D',
    ecpIssuer: 'https://mellon.example.com/mellon/metadata',
    isPassive: false,
    idpList: ['https://idp.example.net/metadata'],
    relayState: 'https://mellon.example.com/private/?a=1&b=2',
  });
  expect(parseAuthnRequest(element).nameIDPolicy?.allowCreate).toBe(true);
  expect(message).toBe(source.replace(/<S:Header>.*<\/S:Header>/s, ''));
  expect(parseAuthnRequest(parseSoapRequest(message, readXml))).toEqual(parseAuthnRequest(element));
});

test('a PAOS request of the Shibboleth SP: white space between all parts, Scoping', () => {
  const source = fixture('shibboleth-paos-request.xml');
  const { authnRequest: element, message, ...rest } = parsePaosRequest(source, readXml);
  expect(rest).toEqual({
    responseConsumerURL: 'https://shib.example.com/Shibboleth.sso/SAML2/ECP',
    service: 'urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp',
    ecpIssuer: 'https://shib.example.com/shibboleth',
    isPassive: false,
    idpList: [],
    relayState: 'ss:mem:6f1f20fafbb38433467e9d477df67615',
  });
  expect(parseAuthnRequest(element).protocolBinding).toBe('urn:oasis:names:tc:SAML:2.0:bindings:PAOS');
  expect(message).toBe(source.replace(/<S:Header>.*<\/S:Header>/s, ''));
});

test('our PAOS request is read back, and its Body holds the request byte for byte (saml-profiles §4.2.3.2)', () => {
  const source = writePaosRequest({ ...request, relayState: 'r<&>', isPassive: true, messageID: '_m' });
  const parsed = parsePaosRequest(source, readXml);
  expect(parsed).toMatchObject({
    responseConsumerURL: request.responseConsumerURL,
    ecpIssuer: request.issuer,
    relayState: 'r<&>',
    isPassive: true,
    messageID: '_m',
  });
  expect(source.slice(parsed.authnRequest.start, parsed.authnRequest.end)).toBe(authnRequest);
});

test('the header of a message cut by the client leaves no other byte changed', () => {
  fc.assert(
    fc.property(xmlText, fc.string({ unit: fc.constantFrom(' ', '\n', '\t') }), (issuer, space) => {
      const written = writePaosRequest({ ...request, issuer: `i${issuer}` });
      const source = written.replace('<S:Body>', `${space}<S:Body>${space}`);
      const [before, after] = [source.slice(0, source.indexOf('<S:Header>')), source.slice(source.indexOf('</S:Header>') + 11)];
      expect(parsePaosRequest(source, readXml).message).toBe(before + after);
    }),
  );
});

test('the answer of the identity provider gives the Response byte for byte (saml-profiles §4.2.3.4)', () => {
  const parsed = parseEcpResponse(
    writeEcpResponse({ response, assertionConsumerServiceURL: 'https://sp.example.com/acs?a&b' }),
    readXml,
  );
  expect(parsed).toMatchObject({ assertionConsumerServiceURL: 'https://sp.example.com/acs?a&b', responseText: response });
});

test.each([
  ['an element', response.replace(' xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"', '')],
  ['an attribute', response.replace('ID=', 's:x="" ID=')],
  ['a schema type', response.replace('ID=', 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="s:x" ID=')],
])('a Response whose prefix only the envelope declares cannot be forwarded: %s', (_, borrowed) => {
  const names = 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:s="urn:s" ';
  const source = writeEcpResponse({ response: borrowed, assertionConsumerServiceURL: 'https://sp.example.com/acs' });
  expect(() => parseEcpResponse(source.replace('xmlns:S', `${names}xmlns:S`), readXml)).toThrow(refusal('binding_malformed'));
});

test('the answer of the client echoes RelayState and names the message (saml-profiles §4.2.3.5, saml-bindings §3.3.3)', () => {
  const source = writePaosResponse({ response, relayState: 'ss:mem:1', refToMessageID: '_m' });
  expect(parsePaosResponse(source, readXml)).toMatchObject({ relayState: 'ss:mem:1', response: { localName: 'Response' } });
  expect(source).toContain('refToMessageID="_m"');
  expect(parsePaosResponse(writePaosResponse({ response }), readXml).relayState).toBeUndefined();
});

test('a fault is read as a fault, and as a refusal where a message is due (SOAP 1.1 §4.4)', () => {
  const source = writeSoapFault({ faultcode: 'Client', faultstring: 'no <such> SP' });
  expect(parseSoapFault(source, readXml)).toEqual({ faultcode: 'Client', faultstring: 'no <such> SP' });
  for (const parse of [parsePaosRequest, parsePaosResponse, parseEcpResponse]) {
    expect(() => parse(source, readXml)).toThrow('message_unexpected: a SOAP fault came: no <such> SP');
  }
  expect(() => parseSoapFault(writePaosResponse({ response }), readXml)).toThrow(SamlError);
});

const paos = writePaosRequest(request);
const header = (block: string) => paos.replace('<S:Header>', `<S:Header>${block}`);

test.each([
  ['a block that must be understood (SOAP 1.1 §4.2.3)', header('<x:y xmlns:x="urn:x" S:mustUnderstand="1"/>')],
  ['a block that must be understood, as lasso writes it', header('<x:y xmlns:x="urn:x" mustUnderstand="true"/>')],
  [
    'a paos:Request for another actor',
    paos.replace(
      '<paos:Request xmlns:paos="urn:liberty:paos:2003-08" S:actor="http://schemas.xmlsoap.org/soap/actor/next"',
      '<paos:Request xmlns:paos="urn:liberty:paos:2003-08" S:actor="urn:other"',
    ),
  ],
  ['another service', paos.replace('service="urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp"', 'service="urn:other"')],
  ['no paos:Request', paos.replace(/<paos:Request.*<\/paos:Request>/, '')],
  ['no ecp:Request', paos.replace(/<ecp:Request .*<\/ecp:Request>/, '')],
  ['no Header', paos.replace(/<S:Header>.*<\/S:Header>/, '')],
  ['two messages in the Body', paos.replace('</S:Body>', '<x/></S:Body>')],
  ['an empty Body', paos.replace(authnRequest, '')],
  ['a SOAP 1.2 envelope', paos.replace('http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope')],
])('refused: %s', (_, source) => {
  expect(() => parsePaosRequest(source, readXml)).toThrow(refusal('binding_malformed'));
});

test.each([
  ['paos:Request twice', header(/<paos:Request.*<\/paos:Request>/.exec(paos)?.[0] ?? '')],
  ['something after the Body', paos.replace('</S:Body>', '</S:Body><S:Other/>')],
  ['two Bodies', paos.replace('</S:Body>', '</S:Body><S:Body/>')],
  ['text in the Body', paos.replace('<S:Body>', '<S:Body>x')],
])('refused: %s', (_, source) => {
  expect(() => parsePaosRequest(source, readXml)).toThrow(refusal('message_malformed'));
});

test('a block for another actor, or one that need not be understood, is passed over', () => {
  const blocks = '<x:y xmlns:x="urn:x" S:mustUnderstand="1" S:actor="urn:other"/><x:z xmlns:x="urn:x" S:mustUnderstand="0"/>';
  expect(parsePaosRequest(header(blocks), readXml).ecpIssuer).toBe(request.issuer);
});

test('class 57: our own RelayState has at most 80 octets (saml-bindings §3.4.3)', () => {
  expect(writePaosRequest({ ...request, relayState: 'é'.repeat(40) })).toContain('éé');
  expect(() => writePaosRequest({ ...request, relayState: 'é'.repeat(41) })).toThrow(refusal('binding_malformed'));
});

test('garbage is refused with nothing but SamlError', () => {
  const pieces = fc.constantFrom(...paos.split(/(?=<)/), '', '<x/>', 'text', ...writePaosResponse({ response }).split(/(?=<)/));
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      for (const parse of [parsePaosRequest, parsePaosResponse, parseEcpResponse, parseSoapRequest, parseSoapFault]) {
        try {
          parse(`<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/">${parts.join('')}`, readXml);
        } catch (error) {
          expect(error).toBeInstanceOf(SamlError);
        }
      }
    }),
  );
});
