import { readFileSync } from 'node:fs';
import * as plain from 'node:http';
import * as secure from 'node:https';
import { getCACertificates } from 'node:tls';
import { isLoopback } from './cloud-name.ts';
import { AgentError } from './errors.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: plain.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A client that follows nothing: what to do with a redirect is the caller's decision. */
export interface HttpClient {
  readonly request: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly close: () => void;
}

const MAX_ANSWER = 1024 * 1024;
const TIMEOUT = 30_000;

const hints: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there: is the server running, and is the port right?',
  ENOTFOUND: 'The name is not known to DNS: check cloudName.',
  EAI_AGAIN: 'DNS does not answer: is the machine online?',
  ECONNRESET: 'The connection was cut: try again.',
  CERT_HAS_EXPIRED: 'The certificate of the server has expired.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is not from a known authority: give its CA with caFile or NODE_EXTRA_CA_CERTS.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate is not from a known authority: give its CA with caFile or NODE_EXTRA_CA_CERTS.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'The certificate is not from a known authority: give its CA with caFile or NODE_EXTRA_CA_CERTS.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'The certificate is not from a known authority: give its CA with caFile or NODE_EXTRA_CA_CERTS.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the server is for another name: check cloudName.',
};

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

const unreachable = (url: URL, error: unknown): AgentError => {
  if (error instanceof AgentError) return error;
  const late = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  const hint = hints[codeOf(error)] ?? (late ? 'No answer in time.' : String(error));
  return new AgentError('unreachable', `${url.origin} cannot be reached.`, { cause: error, hint });
};

const refusePlain = (url: URL): void => {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return;
  throw new AgentError('plain_http', `${url.origin} is not HTTPS.`, {
    hint: 'Plain HTTP is only taken on this machine itself (loopback).',
  });
};

const exchange = (agent: plain.Agent, asked: HttpRequest): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const { method, url, headers, body } = asked;
    const { request: open } = url.protocol === 'https:' ? secure : plain;
    const octets = body === undefined ? undefined : Buffer.from(body);
    const request = open(
      url,
      {
        method,
        agent,
        signal: AbortSignal.timeout(TIMEOUT),
        headers: {
          'accept-encoding': 'identity',
          ...headers,
          ...(octets === undefined ? {} : { 'content-length': octets.length }),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size <= MAX_ANSWER) chunks.push(chunk);
          else request.destroy(new AgentError('answer_too_large', `${url.origin} answers with more than ${MAX_ANSWER} octets.`));
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }));
        answer.on('error', reject);
      },
    );
    request.on('error', (error) => {
      // An idle connection that the server has just closed: nothing was answered, so ask on another.
      if (request.reusedSocket && codeOf(error) === 'ECONNRESET') exchange(agent, asked).then(resolve, reject);
      else reject(error);
    });
    request.end(octets);
  });

/**
 * `caFile` is all that is trusted for the cloud's origin (a pinned CA); elsewhere it comes beside the built-in ones. Certificates are
 * always checked, whatever NODE_TLS_REJECT_UNAUTHORIZED says.
 */
export const openHttpClient = (given: {
  readonly cloudOrigin: string | undefined;
  readonly caFile: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}): HttpClient => {
  const { HTTPS_PROXY, https_proxy, NO_PROXY, no_proxy } = given.env;
  const proxyEnv = Object.fromEntries(
    Object.entries({ HTTPS_PROXY, https_proxy, NO_PROXY, no_proxy }).filter(([, value]) => value),
  );
  const openSecure = (trusted: string[] | undefined): secure.Agent =>
    new secure.Agent({
      keepAlive: true,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      proxyEnv,
      ...(trusted === undefined ? {} : { ca: trusted }),
    });
  const pinned = given.caFile === undefined ? undefined : [readCaFile(given.caFile)];
  const loopback = new plain.Agent({ keepAlive: true });
  const cloud = openSecure(pinned);
  const elsewhere = openSecure(pinned && [...getCACertificates('default'), ...pinned]);
  return {
    request: async (request) => {
      refusePlain(request.url);
      const secureAgent = request.url.origin === given.cloudOrigin ? cloud : elsewhere;
      try {
        return await exchange(request.url.protocol === 'https:' ? secureAgent : loopback, request);
      } catch (error) {
        throw unreachable(request.url, error);
      }
    },
    close: () => {
      for (const agent of [loopback, cloud, elsewhere]) agent.destroy();
    },
  };
};

const readCaFile = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AgentError('usage', `caFile ${path} cannot be read.`, { cause, hint: String(cause) });
  }
};
