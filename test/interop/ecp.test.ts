import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bindings,
  parseAuthnRequest,
  parsePaosRequest,
  parsePaosResponse,
  readMetadata,
  readXml,
  verifySignature,
  writeAuthnRequest,
  writeEntityDescriptor,
  writePaosRequest,
  writePaosResponse,
} from '@latchkey/saml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verificationKeyFromCertificate } from '../../apps/server/src/keys/node-crypto.ts';
import { type AgentRun, runAgent } from '../kit/agent.ts';
import { createDevice, fetching } from '../kit/device.ts';
import { nodeDigest, rsaKey } from '../kit/saml-keys.ts';
import { createOrganization, type SpawnedServer, spawnServer, type TestOrganization } from '../kit/spawn-server.ts';
import type { Peer, PeerSettings } from './peers/apache.ts';
import { startMellon } from './peers/mellon.ts';
import { type Asked, type Relay, startRelay } from './peers/relay.ts';
import { startShibboleth } from './peers/shibboleth.ts';
import { hasPrograms } from './programs.ts';

const userName = 'j.doe@acme.com';
const ecpHeaders = {
  accept: 'text/html, application/vnd.paos+xml',
  paos: 'ver="urn:liberty:paos:2003-08";"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp"',
};

interface PeerKind {
  readonly name: string;
  readonly module: string;
  readonly programs: readonly string[];
  readonly start: (settings: PeerSettings) => Promise<Peer>;
  /** What it logs of an assertion that it has seen before, and of one for another audience. */
  readonly replayed: RegExp;
  readonly forSomebodyElse: RegExp;
}
const kinds: readonly PeerKind[] = [
  {
    name: 'mod_auth_mellon',
    module: 'mod_auth_mellon',
    programs: ['apache2'],
    start: startMellon,
    replayed: /Assertion ID \S+ has already been used/,
    forSomebodyElse: /Wrong Recipient in SubjectConfirmationData/,
  },
  {
    name: 'Shibboleth SP',
    module: 'mod_shib',
    programs: ['apache2', 'shibd'],
    start: startShibboleth,
    replayed: /problem with assertion: Rejecting replayed message ID/,
    forSomebodyElse: /unacceptable AudienceRestriction in assertion/,
  },
];
const isInstalled = ({ module, programs }: PeerKind): boolean =>
  hasPrograms('openssl', ...programs) && existsSync(`/usr/lib/apache2/modules/${module}.so`);

let server: SpawnedServer;
let organization: TestOrganization;
let deviceId: string;
/** Where attackers want to get something: it only listens. */
let collector: Relay;
const stateDir = mkdtempSync(join(tmpdir(), 'latchkey-agent-'));

beforeAll(async () => {
  if (!kinds.some(isInstalled)) return;
  collector = await startRelay();
  server = await spawnServer({ LATCHKEY_SIGN_INS_PER_DEVICE: '1000', LATCHKEY_SIGN_INS_PER_USER: '1000' });
  organization = await createOrganization(server, 'acme.com');
  const options = ['--userName', 'j.doe', '--userDomain', 'acme.com', '--cloudName', new URL(server.origin).host];
  const enrolled = await runAgent(stateDir, ['enroll', ...options], { LATCHKEY_DEVICETOKEN: organization.deviceToken });
  deviceId = /dev_\w+/.exec(enrolled.stdout)?.[0] ?? '';
  if (enrolled.status !== 0 || deviceId === '') throw new Error(`the agent could not enroll: ${enrolled.stderr}`);
});

afterAll(async () => {
  await server?.stop();
  await collector?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

interface AuditEvent {
  readonly action: string;
  readonly reason: string;
  readonly correlationId: string;
}

/** What the audit says of sign-ins since a moment, oldest first. */
const signInEvents = async (from: string): Promise<readonly AuditEvent[]> => {
  const { items } = await organization.call('GET', `/audit?order=oldest&limit=200&from=${encodeURIComponent(from)}`);
  return (items as AuditEvent[]).filter(({ action }) => action.startsWith('sign_in.')); // the contract's
};

/** Why our IdP refused: the audit's code, or, before a device had proven itself, the log's. */
const whyRefused = async (correlationId: string | undefined): Promise<{ readonly in: string; readonly code: unknown }> => {
  const { items } = await organization.call('GET', `/audit?correlationId=${correlationId}`);
  const [event] = items as AuditEvent[]; // the contract's
  if (event !== undefined) return { in: 'audit', code: event.reason };
  return { in: 'log', code: server.log().find((line) => line.correlationId === correlationId)?.code };
};

/** The ids a person at the device sees. */
const seen = ({ stderr }: AgentRun): { readonly code: string | undefined; readonly correlationId: string | undefined } => {
  const [, code, correlationId] = /\((\w+)(?:, (cor_\w+))?\)/.exec(stderr) ?? [];
  return { code, correlationId };
};

const cookiesSeen = (relay: Relay): string =>
  relay.exchanges
    .flatMap(({ answered }) => answered.headers['set-cookie'] ?? [])
    .map((line) => line.split(';')[0] ?? '')
    .filter((pair) => !pair.endsWith('='))
    .join('; ');

const toBody = (text: string, change: (body: string) => string): string => {
  const at = text.search(/<[sS]:Body/);
  return text.slice(0, at) + change(text.slice(at));
};

/** Changes the start tag of the Response, and nothing in it. */
const inResponse = (text: string, change: (tag: string) => string): string => text.replace(/<samlp:Response[^>]*>/, change);

const isAssertionPost = ({ method, body }: Asked): boolean => method === 'POST' && body.includes(':Response');

describe.each(kinds)('$name', (kind) => {
  const it = test.skipIf(!isInstalled(kind));
  let peer: Peer;
  /** What everybody takes for the peer. */
  let front: Relay;
  /** Another site, which passes everything on to the peer. */
  let evil: Relay;
  const relays: Relay[] = [];

  beforeAll(async () => {
    if (!isInstalled(kind)) return;
    front = await startRelay();
    evil = await startRelay();
    relays.push(front, evil);
    peer = await kind.start({ origin: front.origin, idp: organization.idp });
    front.passOnTo(peer.port);
    evil.passOnTo(peer.port);
    await organization.call('POST', '/applications', { kind: 'saml', name: kind.name, metadata: peer.metadata });
  });
  afterAll(async () => {
    await peer?.stop();
    for (const relay of relays) await relay.stop();
  });

  const signIn = async (url = peer.protectedUrl): Promise<{ readonly run: AgentRun; readonly events: readonly AuditEvent[] }> => {
    const from = new Date().toISOString();
    const run = await runAgent(stateDir, ['sign-in', url]);
    return { run, events: await signInEvents(from) };
  };

  /** Nobody is in: neither with what the relays saw being handed out, nor without. */
  const expectNobodyIsIn = async (): Promise<void> => {
    for (const cookie of ['', ...[front, evil].map(cookiesSeen)]) {
      const page = await fetch(`http://127.0.0.1:${peer.port}/secret/`, {
        redirect: 'manual',
        headers: { ...ecpHeaders, cookie },
      });
      const text = await page.text();
      expect(page.headers.get('content-type')).toContain('application/vnd.paos+xml');
      expect(text).not.toContain(userName);
    }
  };
  const expectRefused = async (
    { run, events }: { readonly run: AgentRun; readonly events: readonly AuditEvent[] },
    code: string,
  ): Promise<void> => {
    expect(run).toMatchObject({ status: 4, stdout: '' });
    const { correlationId } = seen(run);
    const why = await whyRefused(correlationId);
    expect(why.code).toBe(code);
    expect(events.filter(({ action }) => action !== 'sign_in.refused')).toEqual([]);
    expect(front.exchanges.concat(evil.exchanges).filter(({ asked }) => asked.method === 'POST')).toEqual([]);
    await expectNobodyIsIn();
  };
  /** The agent itself did not go on: our IdP was never asked. */
  const expectStopped = async (
    { run, events }: { readonly run: AgentRun; readonly events: readonly AuditEvent[] },
    code: string,
  ): Promise<void> => {
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(seen(run).code).toBe(code);
    expect(events).toEqual([]);
    expect(front.exchanges.concat(evil.exchanges).filter(({ asked }) => isAssertionPost(asked))).toEqual([]);
    await expectNobodyIsIn();
  };
  /** What somebody who has got hold of a Response does. */
  const deliver = async (body: string, cookie = ''): Promise<{ readonly status: number; readonly text: string }> => {
    const answer = await fetch(peer.assertionConsumerServiceURL, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...ecpHeaders, 'content-type': 'application/vnd.paos+xml', cookie },
      body,
    });
    return { status: answer.status, text: await answer.text() };
  };
  const begin = (): void => {
    for (const relay of [front, evil, collector]) relay.begin();
  };

  it('its metadata and its signed request are read and verified as they are', async () => {
    begin();
    const metadata = readMetadata(peer.metadata, readXml, { now: new Date() });
    const answer = await fetch(peer.protectedUrl, { headers: ecpHeaders });
    const request = parsePaosRequest(await answer.text(), readXml);
    const keys = (metadata.sp?.keys ?? []).map(({ certificate }) => verificationKeyFromCertificate(certificate));
    const verified = parseAuthnRequest(verifySignature(request.authnRequest, keys, nodeDigest));
    expect(metadata.entityID).toBe(peer.entityID);
    expect(request).toMatchObject({ responseConsumerURL: peer.assertionConsumerServiceURL, ecpIssuer: peer.entityID });
    expect(verified).toMatchObject({ issuer: peer.entityID, assertionConsumerServiceURL: peer.assertionConsumerServiceURL });
  });

  it(`${kind.name} lets the agent in silently: the protected page prints our NameID and issuer`, async () => {
    begin();
    const { run, events } = await signIn();
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    expect(run.stdout.trim().split('\n')).toEqual([
      `user=${userName}`,
      `nameID=${userName}`,
      `issuer=${organization.idp.entityID}`,
      `userName=${userName}`,
      `deviceId=${deviceId}`,
    ]);
    expect(events.map(({ action }) => action)).toEqual(['sign_in.asserted']);
  });

  it('without the device key nobody is let in', async () => {
    begin();
    const thief = createDevice({ origin: server.origin, send: fetching() });
    const { entityID } = organization.idp;
    Object.assign(thief.state, {
      deviceId,
      userName,
      idp: { entityId: entityID, ssoUrl: entityID.replace('metadata', 'sso'), certificates: [] },
    });
    const begun = await thief.begin({}, peer.protectedUrl);
    if (begun.kind === 'refused') throw new Error(`no request came: ${begun.received.body}`);
    const refused = await thief.prove({ ...begun, nonce: await thief.challenge() });
    if (refused.kind !== 'refused') throw new Error('an assertion was issued without the key');
    expect(refused.code).toBe('request_refused');
    expect(await whyRefused(refused.correlationId)).toEqual({ in: 'log', code: 'proof_signature' });
    // Neither does what our IdP answered open the page.
    const response = refused.received.body.replace(/<ecp:Response[^>]*><\/ecp:Response>/, '');
    const delivered = await thief.postToConsumer(begun.responseConsumerURL, response);
    expect(delivered.body).not.toContain(userName);
    await expectNobodyIsIn();
  });

  it('with a swapped ACS at another site the agent sends nothing', async () => {
    begin();
    const swap = (text: string): string =>
      text.replace(/responseConsumerURL="[^"]*"/, `responseConsumerURL="${collector.origin}/acs"`);
    front.begin({ answer: (_asked, answered) => ({ ...answered, body: swap(answered.body) }) });
    await expectStopped(await signIn(), 'ecp_consumer_origin');
    expect(collector.exchanges).toEqual([]);
  });

  it('with a swapped ACS at the same site our IdP refuses', async () => {
    begin();
    const swap = (text: string): string =>
      text.replace(/responseConsumerURL="[^"]*"/, `responseConsumerURL="${front.origin}/secret/other"`);
    front.begin({ answer: (_asked, answered) => ({ ...answered, body: swap(answered.body) }) });
    await expectRefused(await signIn(), 'proof_consumer');
  });

  it('with a swapped ACS in the signed request our IdP refuses', async () => {
    begin();
    const swap = (text: string): string => text.replaceAll(peer.assertionConsumerServiceURL, `${front.origin}/secret/other`);
    front.begin({ answer: (_asked, answered) => ({ ...answered, body: swap(answered.body) }) });
    await expectRefused(await signIn(), 'signature_invalid');
  });

  it("an evil SP relaying a good SP's request as it is gets nothing", async () => {
    begin();
    await expectStopped(await signIn(`${evil.origin}/secret/`), 'ecp_consumer_origin');
    expect(evil.exchanges.map(({ asked }) => asked.method)).toEqual(['GET']);
  });

  it("an evil SP relaying a good SP's request as its own gets nothing", async () => {
    begin();
    const adopt = (text: string): string =>
      text.replace(/responseConsumerURL="[^"]*"/, (found) => found.replace(front.origin, evil.origin));
    evil.begin({ answer: (_asked, answered) => ({ ...answered, body: adopt(answered.body) }) });
    await expectRefused(await signIn(`${evil.origin}/secret/`), 'proof_origin');
    expect(evil.exchanges.map(({ asked }) => asked.method)).toEqual(['GET']);
  });

  it('an assertion that an evil SP gets for itself does not open the good one', async () => {
    begin();
    const own = await rsaKey();
    const entityID = `${evil.origin}/evil`;
    const acs = `${evil.origin}/acs`;
    const { certificate } = own.signingKey('rsa-sha256');
    const metadata = writeEntityDescriptor({
      entityID,
      sp: {
        authnRequestsSigned: true,
        wantAssertionsSigned: true,
        keys: [{ certificate }],
        nameIDFormats: [],
        assertionConsumerServices: [{ binding: bindings.paos, location: acs, index: 0 }],
        singleLogoutServices: [],
      },
    });
    await organization.call('POST', '/applications', { kind: 'saml', name: 'evil', metadata });
    evil.begin({
      instead: ({ method }) => {
        if (method === 'POST') return { status: 200, headers: {}, body: '' };
        const request = { id: `_${randomUUID()}`, issueInstant: new Date(), issuer: entityID, assertionConsumerServiceURL: acs };
        const authnRequest = writeAuthnRequest(request, { key: own.signingKey('rsa-sha256'), digest: nodeDigest });
        const body = writePaosRequest({ authnRequest, responseConsumerURL: acs, issuer: entityID });
        return { status: 200, headers: { 'content-type': 'application/vnd.paos+xml' }, body };
      },
    });
    await signIn(`${evil.origin}/secret/`);
    const gotten = evil.exchanges.find(({ asked }) => isAssertionPost(asked));
    if (gotten === undefined) throw new Error('a registered service provider gets its own assertion');
    const offer = await fetch(peer.protectedUrl, { headers: ecpHeaders });
    const { relayState } = parsePaosRequest(await offer.text(), readXml);
    const { response } = parsePaosResponse(gotten.asked.body, readXml);
    const body = writePaosResponse({
      response: gotten.asked.body.slice(response.start, response.end),
      ...(relayState === undefined ? {} : { relayState }),
    });
    // As it is, and in a Response that claims to be for the good one: only the assertion is signed.
    const address = (tag: string): string =>
      tag.replace(acs, peer.assertionConsumerServiceURL).replace(/ID="[^"]*"/, `ID="_${randomUUID()}"`);
    for (const { status } of [await deliver(body), await deliver(inResponse(body, address))]) {
      expect(status).toBeGreaterThanOrEqual(400);
    }
    expect(peer.logs()).toMatch(kind.forSomebodyElse);
    await expectNobodyIsIn();
  });

  it('with a foreign IDPList the agent still asks only its own cloud', async () => {
    begin();
    const entry = `<samlp:IDPEntry ProviderID="${collector.origin}/metadata" Loc="${collector.origin}/sso"/>`;
    const list = `<samlp:IDPList xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${entry}</samlp:IDPList>`;
    const misdirect = (text: string): string => {
      const at = text.search(/<[sS]:Body/);
      const header = text.slice(0, at).replace(/<samlp:IDPList.*<\/samlp:IDPList>/s, '');
      return header.replace('</ecp:Request>', `${list}</ecp:Request>`) + text.slice(at);
    };
    front.begin({
      answer: (_asked, answered) => ({
        ...answered,
        body: answered.body.includes('ecp:Request') ? misdirect(answered.body) : answered.body,
      }),
    });
    const { run, events } = await signIn();
    expect(front.exchanges[0]?.answered.body).toContain(entry);
    expect(run.stdout).toContain(`issuer=${organization.idp.entityID}\n`);
    expect(events.map(({ action }) => action)).toEqual(['sign_in.asserted']);
    expect(collector.exchanges).toEqual([]);
  });

  it('with a foreign IDPList in the signed request our IdP refuses', async () => {
    begin();
    const foreign = `<samlp:IDPEntry ProviderID="${collector.origin}/metadata"/>`;
    const misdirect = (body: string): string =>
      body.includes('<samlp:IDPEntry')
        ? body.replace(/<samlp:IDPEntry [^>]*>/, foreign)
        : body.replace(
            '</samlp:AuthnRequest>',
            `<samlp:Scoping><samlp:IDPList>${foreign}</samlp:IDPList></samlp:Scoping></samlp:AuthnRequest>`,
          );
    front.begin({ answer: (_asked, answered) => ({ ...answered, body: toBody(answered.body, misdirect) }) });
    await expectRefused(await signIn(), 'signature_invalid');
    expect(collector.exchanges).toEqual([]);
  });

  it('a replayed assertion is refused by the SP', async () => {
    begin();
    expect((await signIn()).run.status).toBe(0);
    const stolen = front.exchanges.find(({ asked }) => isAssertionPost(asked));
    if (stolen === undefined) throw new Error('no assertion went to the service provider');
    const from = new Date().toISOString();
    begin();
    const cookies = stolen.asked.headers.cookie ?? '';
    const { body } = stolen.asked;
    const refusals = [
      await deliver(body, cookies),
      await deliver(body),
      // Only the assertion is signed: another Response around it must not help.
      await deliver(
        inResponse(body, (tag) => tag.replace(/ID="[^"]*"/, `ID="_${randomUUID()}"`)),
        cookies,
      ),
    ];
    for (const { status, text } of refusals) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain(userName);
    }
    expect(peer.logs()).toMatch(kind.replayed);
    expect(await signInEvents(from)).toEqual([]);
    await expectNobodyIsIn();
  });

  it('a replayed request is refused by our IdP', async () => {
    begin();
    expect((await signIn()).run.status).toBe(0);
    const [first] = front.exchanges;
    if (first === undefined) throw new Error('the service provider was not asked');
    begin();
    front.begin({ instead: () => first.answered });
    await expectRefused(await signIn(), 'request_replayed');
  });

  it('after a cross-origin redirect of the resource nothing is sent', async () => {
    begin();
    front.begin({ instead: () => ({ status: 302, headers: { location: `${collector.origin}/secret/` }, body: '' }) });
    await expectStopped(await signIn(), 'redirect_refused');
    expect(collector.exchanges).toEqual([]);
  });

  it('after a cross-origin redirect of the ACS nothing is sent', async () => {
    begin();
    front.begin({
      instead: (asked) =>
        asked.method === 'POST' ? { status: 307, headers: { location: `${collector.origin}/acs` }, body: '' } : undefined,
    });
    const { run, events } = await signIn();
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(seen(run).code).toBe('redirect_refused');
    expect(events.map(({ action }) => action)).toEqual(['sign_in.asserted']);
    expect(collector.exchanges).toEqual([]);
    await expectNobodyIsIn();
  });

  it('after a cross-origin redirect to the page nothing is sent', async () => {
    begin();
    front.begin({
      answer: (asked, answered) =>
        asked.method === 'POST'
          ? { ...answered, headers: { ...answered.headers, location: `${collector.origin}/secret/` } }
          : answered,
    });
    const { run } = await signIn();
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(seen(run).code).toBe('redirect_refused');
    expect(collector.exchanges).toEqual([]);
  });
});
