import type { Application } from './application.ts';
import type { ApplicationOrganization, Caller } from './store.ts';

export type ApplicationChange =
  | { readonly kind: 'changed'; readonly application: Application }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not_gateway' };

/** Renames an application, switches it on or off, asks for better proof, or lets bearer tokens in, which only a gateway does. */
export const changeApplication = (
  needs: { readonly organization: ApplicationOrganization },
  input: Caller & {
    readonly id: string;
    readonly change: Partial<Pick<Application, 'name' | 'enabled' | 'minEvidence' | 'allowBearer'>>;
  },
): Promise<ApplicationChange> => {
  const { id, change, ...caller } = input;
  return needs.organization.transaction(async (store) => {
    const found = await store.findApplication(id);
    if (found === undefined) return { kind: 'unknown' };
    if (change.allowBearer === true && found.kind !== 'gateway') return { kind: 'not_gateway' };
    const { name, enabled, minEvidence, allowBearer } = found;
    const before = { name, enabled, minEvidence, allowBearer };
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
    return { kind: 'changed', application: { ...found, ...after } };
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
