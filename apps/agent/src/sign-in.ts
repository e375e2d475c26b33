import { randomUUID } from 'node:crypto';
import {
  buildProof,
  deviceErrorTexts,
  formatClaim,
  isDeviceErrorCode,
  type JoinState,
  type Parameters,
  PROOF_TYPE,
  signJws,
} from '@latchkey/device';
import { type PaosRequest, parsePaosRequest, readXml, writePaosResponse, writeSoapFault } from '@latchkey/saml';
import { type Cloud, correlationOf, expectJson, headerOf, readAnswer, type Speaker, textOf, wantsNonce } from './cloud.ts';
import { type CookieJar, createCookieJar } from './cookies.ts';
import { checkConsumer, checkIdpAnswer, readConsumer, readSaml } from './ecp-checks.ts';
import { AgentError } from './errors.ts';
import type { HttpAnswer, HttpClient } from './http.ts';
import type { KeepMessage } from './keep-messages.ts';
import { sha256 } from './key.ts';
import { objectAt, parseJson, textAt } from './shape.ts';
import { type Enrollment, readJoinState, readSession, type SessionRecord } from './state.ts';

/** One step of the story that `--explain` tells. */
export type Trace = (step: string, ids: Readonly<Record<string, string | undefined>>) => void;

export type SignedIn =
  /** At our own service provider. */
  | { readonly kind: 'session'; readonly session: SessionRecord }
  /** At somebody else's: the page that was asked for. */
  | { readonly kind: 'page'; readonly url: URL; readonly answer: HttpAnswer };

export interface SignInNeeds {
  readonly http: HttpClient;
  readonly cloud: Cloud;
  readonly speaker: Speaker;
  readonly enrollment: Enrollment;
  readonly facts: Parameters;
  /** Called as soon as the IdP has answered, before anything else can go wrong. */
  readonly keepJoinState: (joinState: JoinState) => void;
  readonly trace: Trace;
  readonly keepMessage: KeepMessage;
}

const PAOS = 'application/vnd.paos+xml';
const PAOS_HEADERS = {
  // A comma, because some service providers look for the whole text (mod_auth_mellon).
  accept: `text/html, ${PAOS}`,
  paos: 'ver="urn:liberty:paos:2003-08";"urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp"',
} as const;
const MAX_REDIRECTS = 5;

const isXml = (answer: HttpAnswer, ...types: string[]): boolean =>
  types.includes((headerOf(answer, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '');

const requestIdOf = ({ authnRequest }: PaosRequest): string =>
  authnRequest.attributes.find(({ localName, namespace }) => localName === 'ID' && namespace === '')?.value ?? '';

/** Where we are signing in, and what this visit has collected. */
interface Visit {
  readonly target: URL;
  readonly isOwn: boolean;
  readonly cookies: CookieJar;
}

/** Step 1 and 2: the resource answers with a request of its service provider. */
const askResource = async (needs: SignInNeeds, { target, isOwn, cookies }: Visit): Promise<PaosRequest> => {
  const { cloud, http, enrollment, speaker, facts } = needs;
  const claim = { userName: enrollment.userName, deviceId: speaker.deviceId, parameters: facts };
  const request = { method: 'GET', url: target } as const;
  const answer = isOwn
    ? await cloud.send({ ...request, headers: { ...PAOS_HEADERS, 'latchkey-claim': formatClaim(claim) } })
    : await http.request({ ...request, headers: PAOS_HEADERS });
  cookies.take(target, answer.headers['set-cookie']);
  needs.trace('asked the resource', { url: target.href, status: String(answer.status), correlation: correlationOf(answer) });
  if (answer.status === 200 && isXml(answer, PAOS)) {
    const text = textOf(answer, `The answer of ${target.origin}`);
    needs.keepMessage('paos-request', text);
    const paos = readSaml('ecp_request', `The request of ${target.origin}`, () => parsePaosRequest(text, readXml));
    needs.trace('got a request', { request: requestIdOf(paos), issuer: paos.ecpIssuer, consumer: paos.responseConsumerURL });
    return paos;
  }
  if (isOwn) expectJson(answer, `The answer of ${target.origin}`);
  if (answer.status >= 300 && answer.status < 400) {
    throw new AgentError('redirect_refused', `${target.origin} redirects to ${answer.headers.location ?? 'nowhere'}.`, {
      hint: 'Give the final address of the page.',
    });
  }
  throw new AgentError('not_ecp', `${target.href} did not ask for a sign-in that an agent can do (status ${answer.status}).`, {
    hint: 'Is the page protected, and is ECP (PAOS) switched on at the service provider?',
  });
};

/** Step 3: the same bytes, without the envelope's header, to our own IdP with a proof over them. */
const askIdp = async (needs: SignInNeeds, { target }: Visit, paos: PaosRequest): Promise<HttpAnswer> => {
  const { cloud, speaker, enrollment, facts } = needs;
  const { joinState, idp } = enrollment;
  if (joinState === undefined) throw new AgentError('pending', 'An administrator must approve this device first.');
  needs.keepMessage('soap-authn-request', paos.message);
  const attempt = async (): Promise<HttpAnswer> => {
    const proof = buildProof({
      digest: sha256(paos.message),
      origin: target.origin,
      responseConsumerURL: paos.responseConsumerURL,
      audience: idp.entityId,
      nonce: await cloud.takeNonce(speaker),
      jti: randomUUID(),
      iat: Math.floor(Date.now() / 1000),
      userName: enrollment.userName,
      deviceId: speaker.deviceId,
      parameters: facts,
      joinState,
    });
    const headers = {
      accept: 'text/xml',
      'content-type': 'text/xml',
      'latchkey-device': speaker.deviceId,
      'latchkey-proof': signJws({ typ: PROOF_TYPE }, proof, speaker.key),
    };
    return cloud.send({ method: 'POST', url: new URL(idp.ssoUrl), headers, body: paos.message });
  };
  const first = await attempt();
  const answer = wantsNonce(first) ? await attempt() : first;
  needs.trace('posted it with a proof', { idp: idp.entityId, status: String(answer.status), correlation: correlationOf(answer) });
  return answer;
};

const takeJoinState = (needs: SignInNeeds, answer: HttpAnswer): void => {
  const header = headerOf(answer, 'latchkey-join-state');
  if (header !== undefined)
    needs.keepJoinState(readAnswer('The header Latchkey-Join-State', () => readJoinState(parseJson(header))));
};

/** A refusal is a SAML Response too, so that the service provider could be told; its code and id are in headers. */
const expectAccepted = (answer: HttpAnswer): void => {
  const code = headerOf(answer, 'latchkey-error');
  const correlationId = correlationOf(answer);
  if (code !== undefined) {
    const title = isDeviceErrorCode(code) ? deviceErrorTexts[code] : 'The sign-in was refused.';
    throw new AgentError('refused', title, { refusal: { code, ...(correlationId === undefined ? {} : { correlationId }) } });
  }
  if (answer.status !== 200) expectJson(answer, 'The answer of the identity provider');
  if (!isXml(answer, 'text/xml', PAOS))
    throw new AgentError('answer_malformed', 'The identity provider answers with something else than SOAP.');
};

/** Step 4: deliver the Response, byte for byte, to the service provider that asked. */
const deliver = async (needs: SignInNeeds, { isOwn, cookies }: Visit, consumer: URL, body: string): Promise<HttpAnswer> => {
  const headers = { ...PAOS_HEADERS, 'content-type': PAOS, ...cookies.header(consumer) };
  const request = { method: 'POST', url: consumer, headers, body } as const;
  const answer = isOwn ? await needs.cloud.send(request) : await needs.http.request(request);
  cookies.take(consumer, answer.headers['set-cookie']);
  return answer;
};

/** saml-profiles §4.2.4.1: a client that will not go on says so to the service provider; the assertion never goes. */
const sendFault = async (needs: SignInNeeds, visit: Visit, consumer: URL, faultstring: string): Promise<void> => {
  const fault = writeSoapFault({ faultcode: 'Client', faultstring });
  needs.keepMessage('soap-fault', fault);
  // That the fault arrives is a courtesy: what is thrown is why it was sent.
  await deliver(needs, visit, consumer, fault).catch(() => undefined);
};

/** Another service provider's page, with the cookies it gave us; redirects only within its origin, and nothing of ours goes along. */
const fetchPage = async (needs: SignInNeeds, { target, cookies }: Visit, delivered: HttpAnswer, from: URL): Promise<SignedIn> => {
  const isRedirect = ({ status }: HttpAnswer): boolean => status >= 300 && status < 400;
  if (delivered.status >= 400) {
    throw new AgentError('refused', `${target.origin} refuses the sign-in with status ${delivered.status}.`, {
      refusal: { code: `http_${delivered.status}` },
    });
  }
  let url = from;
  let answer = delivered;
  if (!isRedirect(answer)) {
    url = target;
    answer = await needs.http.request({ method: 'GET', url, headers: { accept: '*/*', ...cookies.header(url) } });
  }
  for (let hops = 0; isRedirect(answer); hops += 1) {
    const location = answer.headers.location;
    const next = location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (next === undefined || next.origin !== target.origin || hops >= MAX_REDIRECTS) {
      throw new AgentError(
        'redirect_refused',
        `${url.origin} redirects to ${next?.origin ?? 'nowhere'}, which an agent does not follow.`,
      );
    }
    url = next;
    answer = await needs.http.request({ method: 'GET', url, headers: { accept: '*/*', ...cookies.header(url) } });
    cookies.take(url, answer.headers['set-cookie']);
  }
  needs.trace('got the page', { url: url.href, status: String(answer.status) });
  return { kind: 'page', url, answer };
};

/** Signs this device in at our own service provider, or at the one that protects `url` (saml-profiles §4.2). */
export const signIn = async (needs: SignInNeeds, url?: URL): Promise<SignedIn> => {
  const { cloud, enrollment } = needs;
  const target = url ?? (await cloud.discover()).endpoints.session;
  const visit: Visit = { target, isOwn: target.origin === cloud.origin, cookies: createCookieJar() };
  const paos = await askResource(needs, visit);
  // Before any proof is made: a site that passes another site's request on learns nothing.
  const consumer = readConsumer(paos, target);
  const answer = await askIdp(needs, visit, paos);
  takeJoinState(needs, answer);
  expectAccepted(answer);
  try {
    const text = textOf(answer, 'The answer of the identity provider');
    needs.keepMessage('soap-response', text);
    const checked = checkIdpAnswer(text, { requestId: requestIdOf(paos), idp: enrollment.idp });
    checkConsumer(checked.assertionConsumerServiceURL, paos.responseConsumerURL);
    const { response, assertion, subject } = checked;
    needs.trace('checked the response', { response, assertion, subject, consumer: checked.assertionConsumerServiceURL });
    const body = writePaosResponse({
      response: checked.responseText,
      ...(paos.relayState === undefined ? {} : { relayState: paos.relayState }),
      ...(paos.messageID === undefined ? {} : { refToMessageID: paos.messageID }),
    });
    needs.keepMessage('paos-response', body);
    const delivered = await deliver(needs, visit, consumer, body);
    needs.trace('delivered it', { url: consumer.href, status: String(delivered.status), correlation: correlationOf(delivered) });
    if (!visit.isOwn) return await fetchPage(needs, visit, delivered, consumer);
    const session = expectJson(delivered, 'The session');
    return {
      kind: 'session',
      session: readAnswer('The session', () =>
        readSession(objectAt(session, 'session'), textAt(objectAt(session, 'user'), 'userName')),
      ),
    };
  } catch (error) {
    if (error instanceof AgentError && error.code.startsWith('ecp_')) await sendFault(needs, visit, consumer, error.message);
    throw error;
  }
};
