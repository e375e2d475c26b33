import { canonicalSettings, type DeviceIdp, type IdentityProviderInput } from '@latchkey/settings';
import type { TestServer } from './server.ts';

type Organization = Awaited<ReturnType<TestServer['createOrganization']>>;
export type ScimInput = NonNullable<IdentityProviderInput['scim']>;

export interface ScimReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a body of SCIM, looked into by tests
  readonly body: any;
}

/** The clock of a test stands still. */
const unhurried = { requestsPerSecond: 100_000 };

/** The endpoint of an organization's device IdP, switched on and active, with a live token. */
export const openScim = async (server: TestServer, organization: Organization, scim: Partial<ScimInput> = {}) => {
  const key = await organization.createApiKey();
  const idp: DeviceIdp = {
    kind: 'device',
    id: 'device',
    name: 'Devices',
    status: 'enabled',
    domains: 'any',
    autoProvisioning: false,
  };
  const input = { identityProviders: [{ ...idp, scim: { enabled: true, ...unhurried, ...scim } }], defaultIdp: 'device' };
  const admin = async (method: 'GET' | 'POST' | 'PUT', path: string, payload?: object): Promise<ScimReply> => {
    const answer = await server.app.inject({
      method,
      url: `/api/v1/organizations/${organization.id}${path}`,
      headers: { authorization: `Bearer ${key}` },
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, body: answer.json() };
  };
  await admin('PUT', '/settings/draft', input);
  await organization.activate(canonicalSettings(input));
  const created = await admin('POST', '/scim/device/tokens', { description: 'test' });
  const token: string = created.body.token;
  const base = `/scim/${organization.id}/device/v2`;

  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ScimReply> => {
    const answer = await server.app.inject({
      method: method as 'GET', // whatever SCIM has
      url: `${base}${path}`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json', ...headers },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = answer.body;
    const isJson = String(answer.headers['content-type'] ?? '').includes('json') && text !== '';
    return { status: answer.statusCode, headers: answer.headers, text, body: isJson ? JSON.parse(text) : undefined };
  };
  const schemas = (name: string) => [`urn:ietf:params:scim:schemas:core:2.0:${name}`];
  return {
    base,
    token,
    tokenId: created.body.id as string,
    key,
    admin,
    call,
    user: (userName: string, more: object = {}) => ({ schemas: schemas('User'), userName, ...more }),
    group: (displayName: string, more: object = {}) => ({ schemas: schemas('Group'), displayName, ...more }),
    patch: (...operations: readonly object[]) => ({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: operations,
    }),
    /** Makes it, or throws what was answered. */
    make: async (type: 'Users' | 'Groups', body: object): Promise<ScimReply['body']> => {
      const { status, text, body: made } = await call('POST', `/${type}`, body);
      if (status !== 201) throw new Error(`POST /${type}: ${status} ${text}`);
      return made;
    },
  };
};
export type ScimEndpoint = Awaited<ReturnType<typeof openScim>>;
