import type { Requirements } from './read-requirements.ts';
import { GatewayRefusal } from './refusal.ts';

/** What was asked of the proxy. */
export interface OriginalRequest {
  readonly method: string;
  readonly origin: string;
  /** Without query: what a DPoP proof is for (RFC 9449 §4.2). */
  readonly url: string;
}

/** The header's one value; undefined if there is none, or several. */
export const oneHeader = (rawHeaders: readonly string[], name: string): string | undefined => {
  let found: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const key = rawHeaders[index];
    if (key === undefined || key.length !== name.length || key.toLowerCase() !== name) continue;
    if (found !== undefined) return undefined;
    found = rawHeaders[index + 1];
  }
  return found;
};

const refuse = (why: string): GatewayRefusal => new GatewayRefusal('proxy_misconfigured', why);

/** Reads what the proxy says it was asked; it must have set these headers itself, each once. */
export const originalRequest = (rawHeaders: readonly string[], headers: Requirements['headers']): OriginalRequest => {
  const must = (name: string): string => {
    const value = oneHeader(rawHeaders, name);
    if (value === undefined || value === '') throw refuse(`the header ${name} must be there, once`);
    return value;
  };
  const [method, text] =
    headers === 'original'
      ? [must('x-original-method'), must('x-original-url')]
      : [must('x-forwarded-method'), `${must('x-forwarded-proto')}://${must('x-forwarded-host')}${must('x-forwarded-uri')}`];
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw refuse('the original URL is not one of http or https');
  return { method, origin: url.origin, url: url.origin + url.pathname };
};
