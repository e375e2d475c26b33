import { randomUUID } from 'node:crypto';
import type { ChallengeAnswer, ChallengeRequest } from '@latchkey/contract';
import { buildDpop, DPOP_TYPE, deviceErrorTexts, isDeviceErrorCode, type JsonObject, signJws } from '@latchkey/device';
import { AgentError, type Refusal } from './errors.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './http.ts';
import type { DeviceKey } from './key.ts';
import { collectOf, countAt, parseJson, ShapeError, textAt } from './shape.ts';

const endpointNames = ['challenge', 'enroll', 'keepalive', 'session', 'token', 'signOut', 'unenroll'] as const;
type EndpointName = (typeof endpointNames)[number];

export interface Discovery {
  readonly version: string;
  readonly endpoints: Readonly<Record<EndpointName, URL>>;
}

/** Who is speaking: what DPoP calls are signed with. */
export interface Speaker {
  readonly key: DeviceKey;
  readonly deviceId: string;
}

/** The one origin that may be told anything. Remembers the nonce that rode in the last answer. */
export interface Cloud {
  readonly origin: string;
  readonly discover: () => Promise<Discovery>;
  /** A request to this origin. A redirect is an error whatever it says. */
  readonly send: (request: Omit<HttpRequest, 'url'> & { readonly url: URL }) => Promise<HttpAnswer>;
  readonly challenge: (holder: ChallengeRequest) => Promise<Readonly<ChallengeAnswer>>;
  /** A nonce to use once: the one that rode in the last answer, else a new one. */
  readonly takeNonce: (speaker: Speaker) => Promise<string>;
  /** A DPoP call with a JSON body; a refusal is thrown. */
  readonly call: (endpoint: EndpointName, speaker: Speaker, body: JsonObject) => Promise<JsonObject>;
}

export const headerOf = (answer: HttpAnswer, name: string): string | undefined => {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

export const correlationOf = (answer: HttpAnswer): string | undefined => headerOf(answer, 'latchkey-correlation');

/** Strict UTF-8; a byte order mark stays, so that what is posted on is what came. */
export const textOf = (answer: HttpAnswer, what: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(answer.body);
  } catch (cause) {
    throw new AgentError('answer_malformed', `${what} is not UTF-8.`, { cause });
  }
};

/** Reads an answer with one of the shape readers; `what` begins the sentence if it does not fit. */
export const readAnswer = <T>(what: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new AgentError('answer_malformed', `${what} cannot be read: ${error.message}.`, { cause: error });
  }
};

/** RFC 9457: what the server says when it refuses. A body of another kind (a proxy's page) has no code. */
const problemOf = (answer: HttpAnswer): { readonly title: string; readonly refusal: Refusal } => {
  let problem: JsonObject = {};
  try {
    problem = parseJson(answer.body.toString('utf8'));
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
  }
  const textIn = (name: string): string | undefined => (typeof problem[name] === 'string' ? problem[name] : undefined);
  const code = textIn('code') ?? `http_${answer.status}`;
  const title =
    textIn('title') ?? (isDeviceErrorCode(code) ? deviceErrorTexts[code] : `The server answers with status ${answer.status}.`);
  const correlationId = textIn('correlationId') ?? correlationOf(answer);
  const retryAfter = Number(headerOf(answer, 'retry-after'));
  const openUrl = textIn('openUrl');
  return {
    title,
    refusal: {
      code,
      ...(correlationId === undefined ? {} : { correlationId }),
      ...(Number.isFinite(retryAfter) && retryAfter > 0 ? { retryAfter } : {}),
      ...(openUrl === undefined ? {} : { openUrl }),
    },
  };
};

const refused = (answer: HttpAnswer): AgentError => {
  const { title, refusal } = problemOf(answer);
  // 5xx says nothing about this device: it is as if nobody had answered.
  return new AgentError(answer.status >= 500 ? 'unreachable' : 'refused', title, {
    refusal,
    ...(refusal.openUrl === undefined ? {} : { hint: `Open ${refusal.openUrl} in a browser.` }),
  });
};

export const wantsNonce = (answer: HttpAnswer): boolean =>
  answer.status === 401 && problemOf(answer).refusal.code === 'use_dpop_nonce';

/** The JSON of a 200 answer; anything else is a refusal. */
export const expectJson = (answer: HttpAnswer, what: string): JsonObject => {
  if (answer.status !== 200) throw refused(answer);
  return readAnswer(what, () => parseJson(textOf(answer, what)));
};

export const openCloud = ({ http, origin }: { readonly http: HttpClient; readonly origin: string }): Cloud => {
  let held: string | undefined;
  let discovered: Discovery | undefined;

  const send: Cloud['send'] = async (request) => {
    if (request.url.origin !== origin) throw new TypeError(`${request.url.origin} is not the cloud`);
    const answer = await http.request(request);
    held = headerOf(answer, 'dpop-nonce') ?? held;
    if (answer.status >= 300 && answer.status < 400) {
      throw new AgentError('redirect_refused', `${origin} redirects ${request.url.pathname}, which an agent does not follow.`, {
        hint: 'Is there a captive portal or another server in between? Run "latchkey-agent doctor".',
      });
    }
    return answer;
  };

  const post = (url: URL, body: JsonObject, headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> =>
    send({
      method: 'POST',
      url,
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  const discover: Cloud['discover'] = async () => {
    if (discovered !== undefined) return discovered;
    const url = new URL('/.well-known/latchkey', origin);
    const document = expectJson(
      await send({ method: 'GET', url, headers: { accept: 'application/json' } }),
      `${url} of the server`,
    );
    const named = readAnswer(`${url} of the server`, () => textAt(document, 'origin'));
    if (named !== origin) {
      throw new AgentError('origin_mismatch', `${origin} says that it is ${named}.`, {
        hint: `Use the cloud name of ${named}, or set the public URL of the server.`,
      });
    }
    const endpoint = (name: EndpointName): URL => {
      const found = new URL(
        readAnswer(`${url} of the server`, () => textAt(document, name)),
        origin,
      );
      if (found.origin === origin) return found;
      throw new AgentError('origin_mismatch', `${origin} names an endpoint at another origin: ${found.origin}.`);
    };
    discovered = {
      version: readAnswer(`${url} of the server`, () => textAt(document, 'version')),
      endpoints: {
        challenge: endpoint('challenge'),
        enroll: endpoint('enroll'),
        keepalive: endpoint('keepalive'),
        session: endpoint('session'),
        token: endpoint('token'),
        signOut: endpoint('signOut'),
        unenroll: endpoint('unenroll'),
      },
    };
    return discovered;
  };

  const challenge: Cloud['challenge'] = async (holder) => {
    const { endpoints } = await discover();
    const answer = expectJson(await post(endpoints.challenge, holder), 'The challenge');
    return readAnswer('The challenge', () => ({
      nonce: textAt(answer, 'nonce'),
      audience: textAt(answer, 'audience'),
      expiresIn: countAt(answer, 'expiresIn'),
      ...collectOf(answer),
    }));
  };

  const takeNonce: Cloud['takeNonce'] = async ({ key, deviceId }) => {
    const nonce = held ?? (await challenge({ device: deviceId, jkt: key.jkt })).nonce;
    held = undefined;
    return nonce;
  };

  const call: Cloud['call'] = async (endpoint, speaker, body) => {
    const { key, deviceId } = speaker;
    const url = (await discover()).endpoints[endpoint];
    const attempt = async (): Promise<HttpAnswer> => {
      const nonce = await takeNonce(speaker);
      const proof = buildDpop({ htm: 'POST', htu: url.href, jti: randomUUID(), iat: Math.floor(Date.now() / 1000), nonce });
      const dpop = signJws({ typ: DPOP_TYPE, jwk: key.jwk }, proof, key);
      return post(url, body, { dpop, 'latchkey-device': deviceId });
    };
    const first = await attempt();
    return expectJson(wantsNonce(first) ? await attempt() : first, `The answer of ${url.pathname}`);
  };

  return { origin, discover, send, takeNonce, challenge, call };
};
