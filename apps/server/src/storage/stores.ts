import type { Kysely } from 'kysely';
import { administratorInvitationQueries, administratorInvitationServerQueries } from './administrator-invitations.ts';
import { administratorPasskeyQueries } from './administrator-passkeys.ts';
import { administratorRoleQueries, administratorRoleServerQueries } from './administrator-roles.ts';
import { administratorSessionQueries, administratorSessionServerQueries } from './administrator-sessions.ts';
import { administratorQueries, administratorServerQueries } from './administrators.ts';
import { apiKeyQueries, apiKeyServerQueries } from './api-keys.ts';
import { applicationQueries, applicationServerQueries } from './applications.ts';
import { auditQueries, auditServerQueries } from './audit.ts';
import { departmentQueries } from './departments.ts';
import { deviceTokenQueries, deviceTokenServerQueries } from './device-tokens.ts';
import { deviceQueries, deviceServerQueries } from './devices.ts';
import { domainQueries, domainServerQueries } from './domains.ts';
import { groupQueries } from './groups.ts';
import { importQueries, importServerQueries } from './imports.ts';
import { organizationQueries, organizationServerQueries } from './organizations.ts';
import { overviewQueries, overviewServerQueries } from './overview.ts';
import { rateCountServerQueries } from './rate-counts.ts';
import { readinessQueries } from './readiness.ts';
import { repeatableRequestQueries } from './repeatable-requests.ts';
import { retentionQueries, retentionServerQueries } from './retention.ts';
import type { Database } from './schema.ts';
import { scimExchangeQueries, scimExchangeServerQueries } from './scim-exchanges.ts';
import { scimGroupQueries } from './scim-groups.ts';
import { scimTokenQueries } from './scim-tokens.ts';
import { scimUserQueries, scimUserServerQueries } from './scim-users.ts';
import { serverFactQueries } from './server-facts.ts';
import { sessionQueries, sessionServerQueries } from './sessions.ts';
import { settingsQueries } from './settings.ts';
import { signInFailureServerQueries } from './sign-in-failures.ts';
import { signingKeyQueries } from './signing-keys.ts';
import { standingQueries } from './standing.ts';
import { usedOnceQueries, usedOnceServerQueries } from './used-once.ts';
import { userSetServerQueries } from './user-sets.ts';
import { userQueries } from './users.ts';
import { webhookQueries, webhookServerQueries } from './webhooks.ts';

/** What may be asked of storage inside one organization: the query files, spread. */
export const organizationStore = (db: Kysely<Database>, organizationId: string, now: () => number) => ({
  ...administratorInvitationQueries(db, organizationId),
  ...administratorPasskeyQueries(db, organizationId),
  ...administratorQueries(db, organizationId),
  ...administratorRoleQueries(db, organizationId),
  ...administratorSessionQueries(db, organizationId),
  ...apiKeyQueries(db, organizationId),
  ...applicationQueries(db, organizationId),
  ...auditQueries(db, organizationId, now),
  ...deviceTokenQueries(db, organizationId),
  ...deviceQueries(db, organizationId),
  ...departmentQueries(db, organizationId),
  ...domainQueries(db, organizationId),
  ...groupQueries(db, organizationId),
  ...importQueries(db, organizationId),
  ...organizationQueries(db, organizationId),
  ...overviewQueries(db, organizationId),
  ...readinessQueries(db, organizationId),
  ...retentionQueries(db, organizationId),
  ...scimExchangeQueries(db, organizationId),
  ...scimGroupQueries(db, organizationId),
  ...scimTokenQueries(db, organizationId),
  ...scimUserQueries(db, organizationId),
  ...sessionQueries(db, organizationId),
  ...settingsQueries(db, organizationId),
  ...signingKeyQueries(db, organizationId),
  ...standingQueries(db, organizationId),
  ...usedOnceQueries(db, organizationId),
  ...userQueries(db, organizationId),
  ...webhookQueries(db, organizationId),
});
export type OrganizationStore = ReturnType<typeof organizationStore>;

/** What may be asked outside any organization. */
export const serverStore = (db: Kysely<Database>, now: () => number) => ({
  ...administratorInvitationServerQueries(db),
  ...administratorPasskeyQueries(db, null),
  ...administratorRoleServerQueries(),
  ...administratorServerQueries(db),
  ...administratorSessionServerQueries(db),
  ...apiKeyServerQueries(db),
  ...applicationServerQueries(db),
  ...auditServerQueries(db, now),
  ...deviceTokenServerQueries(db),
  ...deviceServerQueries(db),
  ...domainServerQueries(db),
  ...importServerQueries(db),
  ...organizationServerQueries(db),
  ...overviewServerQueries(db),
  ...rateCountServerQueries(db),
  ...retentionServerQueries(db),
  ...serverFactQueries(db),
  ...scimExchangeServerQueries(db),
  ...scimUserServerQueries(db),
  ...sessionServerQueries(db),
  ...signInFailureServerQueries(db),
  ...usedOnceServerQueries(db),
  ...userSetServerQueries(db),
  ...webhookServerQueries(db),
  ...repeatableRequestQueries(db),
});
export type ServerStore = ReturnType<typeof serverStore>;
