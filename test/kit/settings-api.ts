import type { SettingsInput } from '@latchkey/settings';
import type { TestServer } from './server.ts';

type Organization = Awaited<ReturnType<TestServer['createOrganization']>>;

/** What the API said. */
export interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape, and a wrong guess fails them
  readonly body: any;
  readonly etag: string | undefined;
}

/** The settings of an organization through the admin API, as one administrator with an own key. */
export const settingsApi = async (server: TestServer, organization: Organization) => {
  const key = await organization.createApiKey();
  const call = async (
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered> => {
    const answer = await server.app.inject({
      method,
      url: `/api/v1/organizations/${organization.id}${path}`,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    const { etag } = answer.headers;
    return { status: answer.statusCode, body: answer.json(), etag: typeof etag === 'string' ? etag : undefined };
  };
  const save = (input: SettingsInput, ifMatch?: string) =>
    call('PUT', '/settings/draft', input, ifMatch === undefined ? {} : { 'if-match': ifMatch });
  /** Activates the draft as it is now. */
  const activate = async (comment = '') => {
    const { etag = '' } = await call('GET', '/settings/diff');
    return call('POST', '/settings/activate', { comment }, { 'if-match': etag });
  };
  return { call, save, activate, rollback: (version: number) => call('POST', `/settings/versions/${version}/activate`, {}) };
};
