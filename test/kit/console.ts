import { findTotpStep, hotp } from '../../apps/server/src/administrators/totp.ts';
import type { TestServer } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape, and a wrong guess fails them
type Body = any;
export interface ConsoleAnswer {
  readonly status: number;
  readonly body: Body;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
}

export const PASSWORD = 'correct horse battery staple';

const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What an authenticator app makes of the text it is shown. */
const octetsOf = (secret: string): Buffer => {
  const bits = [...secret].map((each) => base32Alphabet.indexOf(each).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((each) => Number.parseInt(each, 2)));
};

/** An authenticator app: the code of a moment. */
export const totpCode = (secret: string, now: number): string => {
  const octets = octetsOf(secret);
  const code = hotp(octets, Math.floor(now / 30_000));
  if (findTotpStep(octets, code, now) === undefined) throw new Error('The app and the server disagree.');
  return code;
};

/** A browser with the console in it: keeps the cookie, sends what the console sends. */
export const createBrowser = (server: Pick<TestServer, 'app' | 'origin'>, options: { readonly remoteAddress?: string } = {}) => {
  let cookie: string | undefined;
  const request = async (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
    headers: Record<string, string | undefined> = {},
  ): Promise<ConsoleAnswer> => {
    const all = {
      ...(cookie === undefined ? {} : { cookie }),
      ...(method === 'GET' ? {} : { origin: server.origin, 'latchkey-console': '1' }),
      ...headers,
    };
    const answer = await server.app.inject({
      method,
      url: `/api/v1${path}`,
      headers: Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
      ...(body === undefined ? {} : { payload: body }),
      ...options,
    });
    const [set] = [answer.headers['set-cookie'] ?? []].flat();
    if (set !== undefined) cookie = /=;/.test(set) ? undefined : set.split(';')[0];
    const json = answer.body !== '' && /json/.test(String(answer.headers['content-type']));
    return { status: answer.statusCode, body: json ? answer.json() : answer.body, headers: answer.headers };
  };
  return {
    request,
    get: (path: string, headers?: Record<string, string | undefined>) => request('GET', path, undefined, headers),
    post: (path: string, body: object = {}, headers?: Record<string, string | undefined>) => request('POST', path, body, headers),
    cookie: (): string | undefined => cookie,
    setCookie: (value: string | undefined): void => {
      cookie = value;
    },
  };
};
export type Browser = ReturnType<typeof createBrowser>;

/** Somebody who was invited and is signed in, with an authenticator app. */
export const joinAsAdministrator = async (
  server: TestServer,
  input: { readonly organizationId: string | null; readonly roleId: string; readonly userName: string },
) => {
  const base = input.organizationId === null ? '/operator' : `/organizations/${input.organizationId}`;
  const { userName, roleId } = input;
  const key = await server.createOperatorKey();
  const invited = await createBrowser(server).post(
    `${base}/invitations`,
    { userName, roleId },
    { authorization: `Bearer ${key}` },
  );
  if (invited.status !== 201) throw new Error(JSON.stringify(invited.body));
  const browser = createBrowser(server);
  const token = new URL(invited.body.link).hash.slice(1);
  await browser.post('/console/accept-invitation', { token, displayName: '', password: PASSWORD });
  const { secret } = (await browser.post('/console/totp')).body;
  const { recoveryCodes } = (await browser.post('/console/totp/confirm', { code: totpCode(secret, server.now()) })).body;
  const { administrator } = (await browser.get('/console/session')).body;
  return {
    ...browser,
    id: administrator.id as string,
    secret: secret as string,
    recoveryCodes: recoveryCodes as string[],
    userName,
  };
};
