import type { Application } from './application.ts';
import type { ApplicationOrganization, Caller } from './store.ts';

/** Renames an application, switches it on or off, or asks for better proof. Undefined: there is none of this id. */
export const changeApplication = (
  needs: { readonly organization: ApplicationOrganization },
  input: Caller & {
    readonly id: string;
    readonly change: Partial<Pick<Application, 'name' | 'enabled' | 'minEvidence'>>;
  },
): Promise<Application | undefined> => {
  const { id, change, ...caller } = input;
  return needs.organization.transaction(async (store) => {
    const found = await store.findApplication(id);
    if (found === undefined) return undefined;
    const { name, enabled, minEvidence } = found;
    const before = { name, enabled, minEvidence };
    const after = { ...before, ...change };
    await store.saveApplication(id, after);
    await store.appendAuditEvent({
      ...caller,
      action: 'application.changed',
      outcome: 'success',
      reason: '',
      subject: `application:${id}`,
      details: { before, after },
    });
    return { ...found, ...after };
  });
};

/** False: there is none of this id. */
export const deleteApplication = (
  needs: { readonly organization: ApplicationOrganization },
  input: Caller & { readonly id: string },
): Promise<boolean> => {
  const { id, ...caller } = input;
  return needs.organization.transaction(async (store) => {
    const found = await store.findApplication(id);
    if (found === undefined || !(await store.deleteApplication(id))) return false;
    const { metadata: _metadata, ...before } = found;
    await store.appendAuditEvent({
      ...caller,
      action: 'application.deleted',
      outcome: 'success',
      reason: '',
      subject: `application:${id}`,
      details: { before },
    });
    return true;
  });
};
