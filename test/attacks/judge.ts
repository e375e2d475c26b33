import { expect } from 'vitest';
import type { Answer, Target, Traces } from './target.ts';

/** What saml-attacks calls its classes; those that a later part of the product brings are not here. */
export const classes: ReadonlyMap<number, string> = new Map([
  [1, 'XSW1'],
  [2, 'XSW2'],
  [3, 'XSW3'],
  [4, 'XSW4'],
  [5, 'XSW5'],
  [6, 'XSW6'],
  [7, 'XSW7'],
  [8, 'XSW8'],
  [9, 'other hiding places'],
  [10, 'duplicate IDs'],
  [11, 'signature in the wrong place'],
  [12, 'stripping'],
  [13, 'signed Response, unsigned Assertion'],
  [14, 'several Assertions'],
  [15, 'SignedInfo twice'],
  [16, 'several References'],
  [17, 'comment in DigestValue'],
  [18, 'Reference URI'],
  [19, 'foreign transform'],
  [20, 'canonicalization method'],
  [21, 'void canonicalization'],
  [22, 'attribute pollution'],
  [23, 'namespace confusion'],
  [24, 'DOCTYPE'],
  [25, 'XXE, billion laughs'],
  [26, 'key confusion'],
  [27, 'weak algorithms'],
  [28, 'golden SAML'],
  [29, 'Redirect signature'],
  [30, 'comment in text'],
  [31, 'processing instruction'],
  [32, 'CDATA, character references'],
  [33, 'white space in base64'],
  [34, 'encodings'],
  [35, 'not well-formed'],
  [36, 'deep, large, many'],
  [37, 'deflate bomb'],
  [43, 'injection at the IdP'],
  [44, 'replay'],
  [45, 'InResponseTo'],
  [46, 'unsolicited'],
  [47, 'audience'],
  [48, 'recipient, destination'],
  [49, 'time'],
  [50, 'issuer'],
  [51, 'cross-IdP domain'],
  [52, 'ACS mix-up'],
  [53, 'NameID confusion'],
  [54, 'subject confirmation'],
  [55, 'status'],
  [56, 'version, statements, conditions'],
  [57, 'RelayState'],
  [58, 'ACS spoofing at the IdP'],
  [59, 'request abuse at the IdP'],
  [60, 'device abuse'],
  [63, 'JIT provisioning'],
  [64, 'login CSRF'],
]);

interface Judged {
  readonly class: number;
  readonly name: string;
  readonly verdict: string;
  readonly milliseconds: number;
}

const judged: Judged[] = [];

const classOf = (name: string): number => Number(/^class (\d+)/.exec(name)?.[1]);

export const judgedClasses = (): ReadonlySet<number> => new Set(judged.map((each) => each.class));

type Received = Pick<Answer, 'status' | 'headers' | 'body'>;

/** How a refusal looks from outside. */
export type Voice =
  /** RFC 9457, one fixed sentence. Where the message cannot be read, a detail says where. */
  | { readonly kind: 'problem'; readonly code: string; readonly title: string; readonly status?: number }
  /** A SAML Response that says no, and no Assertion. */
  | { readonly kind: 'response'; readonly code: string }
  /** HTML for a browser. */
  | { readonly kind: 'page'; readonly status: number; readonly title: string };

/** Words that would tell an attacker which of the checks has failed. */
const TELLTALE = /configured key|digest|audience|replay|used before|expired|not valid|InResponseTo/i;

const speaks: {
  readonly [Kind in Voice['kind']]: (answer: Received, voice: Voice & { readonly kind: Kind }) => void;
} = {
  problem: (answer, { code, title, status: expected = answer.status }) => {
    expect(answer.status).toBe(expected);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const { correlationId, detail, ...rest } = JSON.parse(answer.body);
    const { status } = answer;
    expect(correlationId).toBe(answer.headers['latchkey-correlation']);
    expect(rest).toEqual({ type: `urn:latchkey:problem:${code}`, title, status, code });
    if (!code.endsWith('_refused')) return;
    if (status === 400) expect(detail ?? '').not.toMatch(TELLTALE);
    else expect(detail).toBeUndefined();
  },
  response: (answer, { code }) => {
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('text/xml');
    expect(answer.headers['latchkey-error']).toBe(code);
    expect(answer.headers['latchkey-join-state']).toBeUndefined();
    expect(answer.body).not.toMatch(/Assertion[ >]|status:Success/);
  },
  page: (answer, { status, title }) => {
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.body).toContain(`<h1>${title}</h1>`);
    expect(answer.body).not.toMatch(/<script|<form|evil/i);
  },
};

const speak = <Kind extends Voice['kind']>(answer: Received, voice: Voice & { readonly kind: Kind }): void =>
  speaks[voice.kind as Kind](answer, voice); // the kind is its own

/** Too large to be looked at: the sizes of HTTP, before anything of ours. */
const UNREAD: readonly number[] = [0, 413, 414, 431];

export interface Expected {
  readonly voice: Voice;
  /** Proven and refused for what it says: audited, and what it used up stays so. Else nothing at all is written. */
  readonly audited?: string;
}

/** Runs one attack and expects it to be refused: no session, no user, no device, a server that goes on, and nothing learned. */
export const judge =
  (target: Target) =>
  async (name: string, { voice, audited }: Expected, attack: () => Promise<Received>): Promise<Received> => {
    const before = await target.traces();
    const started = performance.now();
    let milliseconds = 0;
    let verdict = 'NOT REFUSED';
    try {
      const answer = await attack();
      milliseconds = performance.now() - started;
      const after = await target.traces();
      const { headers, status } = answer;
      expect(headers['set-cookie']).toBeUndefined();
      expect(headers.location).toBeUndefined();
      if (UNREAD.includes(status)) expect(after).toEqual(before);
      else {
        speak(answer, voice);
        expectTraces(before, after, audited !== undefined);
      }
      if (audited !== undefined) expectAudited(target, headers['latchkey-correlation'] ?? '', audited);
      expect((await target.exchange({ method: 'GET', path: '/healthz' })).status).toBe(200);
      verdict = status === 0 ? 'cut off' : `refused ${status === 200 ? headers['latchkey-error'] : status}`;
      return answer;
    } finally {
      judged.push({ class: classOf(name), name, verdict, milliseconds });
    }
  };

const expectTraces = (before: Traces, after: Traces, mayBeAudited: boolean): void => {
  const { usedOnce, audited: events, counted, ...rest } = after;
  const { usedOnce: usedBefore, audited: eventsBefore, counted: countedBefore, ...restBefore } = before;
  expect(rest).toEqual(restBefore);
  if (mayBeAudited) return;
  expect({ usedOnce, events }).toEqual({ usedOnce: usedBefore, events: eventsBefore });
  expect(counted).toBeLessThanOrEqual(countedBefore + 1);
};

const expectAudited = (target: Target, correlationId: string, reason: string): void => {
  expect(target.eventOf(correlationId)).toMatchObject({ outcome: 'refused', reason });
};

/** A message that may be accepted, but only as what it is. */
export const note = (name: string, verdict: string, milliseconds: number): void => {
  judged.push({ class: classOf(name), name, verdict, milliseconds });
};

const cell = (text: string | number, width: number): string => String(text).slice(0, width).padEnd(width);

/** The table of the run: one line for each class, with its slowest message; below, the slowest of all. */
export const table = (): string => {
  const slowestFirst = [...judged].sort((a, b) => b.milliseconds - a.milliseconds);
  const lines = [...classes].map(([number, title]) => {
    const own = slowestFirst.filter((each) => each.class === number);
    const verdicts = Map.groupBy(own, ({ verdict }) => verdict);
    const said = [...verdicts].map(([verdict, all]) => `${all.length} ${verdict}`).join(', ');
    const [slowest] = own;
    return [cell(number, 6), cell(title, 36), cell(own.length, 9), cell(said, 58), `${slowest?.milliseconds.toFixed(1)} ms`].join(
      '',
    );
  });
  const accepted = judged.filter(({ verdict }) => verdict === 'NOT REFUSED');
  return [
    '',
    [cell('class', 6), cell('name', 36), cell('messages', 9), cell('verdicts', 58), 'slowest'].join(''),
    ...lines,
    '',
    `${judged.length} messages over HTTP, ${accepted.length} not refused as they must be. The slowest:`,
    ...slowestFirst.slice(0, 10).map(({ name, milliseconds }) => `${milliseconds.toFixed(1).padStart(8)} ms  ${name}`),
  ].join('\n');
};
