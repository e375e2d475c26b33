import type { NewAuditEvent } from '@latchkey/contract';
import type { Application } from './application.ts';

/** What this slice needs of the store, within one organization. */
export interface ApplicationStore {
  readonly insertApplication: (application: Application) => Promise<boolean>;
  readonly findApplication: (id: string) => Promise<Application | undefined>;
  readonly findApplicationByIdentifier: (identifier: string) => Promise<Application | undefined>;
  readonly listApplications: (page: { readonly after?: string; readonly limit: number }) => Promise<readonly Application[]>;
  readonly saveApplication: (
    id: string,
    change: Partial<Pick<Application, 'name' | 'enabled' | 'minEvidence' | 'allowBearer'>>,
  ) => Promise<boolean>;
  readonly deleteApplication: (id: string) => Promise<boolean>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface ApplicationOrganization {
  readonly read: ApplicationStore;
  readonly transaction: <T>(work: (store: ApplicationStore) => Promise<T>) => Promise<T>;
}

/** Who asks, for the audit. */
export interface Caller {
  readonly actor: string;
  readonly remoteAddress: string;
  readonly correlationId: string;
}
