import { SERVICE_ADMIN, serviceAdminId, type UserSet } from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import type { NewSigningKey, Organization, OrganizationStorage } from './store.ts';

/** The system group that every organization has; its audit event is the organization's own. */
const serviceAdmin = ({ id, createdAt }: Organization): UserSet => ({
  id: serviceAdminId(id),
  name: SERVICE_ADMIN,
  comments: '',
  source: 'api',
  system: true,
  revision: 1,
  createdAt,
  updatedAt: createdAt,
});

/** Makes a tenant with its signing keys. */
export const createOrganization = async (
  needs: {
    readonly storage: OrganizationStorage;
    readonly createOrganizationKeys: () => Promise<readonly NewSigningKey[]>;
    readonly newId: (prefix: string) => string;
    readonly now: () => number;
  },
  act: Act,
  input: { readonly name: string },
): Promise<Organization> => {
  const organization: Organization = {
    id: needs.newId('org'),
    name: input.name,
    state: 'active',
    createdAt: needs.now(),
    deleteAt: null,
  };
  // Before the transaction: making an RSA key takes a second, and nothing but storage may be awaited inside.
  const keys = await needs.createOrganizationKeys();
  await needs.storage.organization(organization.id).transaction(async (store) => {
    await store.insertOrganization(organization);
    await store.insertSigningKeys(keys);
    await store.groups.insert(serviceAdmin(organization));
    await store.appendAuditEvent({
      ...act,
      action: 'organization.created',
      outcome: 'success',
      reason: '',
      subject: `organization:${organization.id}`,
      details: { name: organization.name },
    });
  });
  return organization;
};
