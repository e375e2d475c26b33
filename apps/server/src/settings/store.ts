import type { NewAuditEvent } from '@latchkey/contract';
import type { SettingsDocument } from '@latchkey/settings';

/** The settings as they are being edited. Revision 0 is a draft nobody has saved yet. */
export interface Draft {
  readonly document: SettingsDocument;
  readonly revision: number;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** Somebody who has looked at the draft, or saved it. */
export interface Editor {
  readonly actor: string;
  readonly seenAt: number;
}

/** Activated settings; immutable. The one with the highest number is active. */
export interface Version {
  readonly version: number;
  readonly document: SettingsDocument;
  readonly activatedAt: number;
  readonly activatedBy: string;
  readonly comment: string;
}

export interface SettingsPort {
  readonly findDraft: () => Promise<Draft | undefined>;
  readonly saveDraft: (draft: Draft) => Promise<boolean>;
  readonly saveEditor: (editor: Editor) => Promise<void>;
  readonly listEditors: (since: number) => Promise<readonly Editor[]>;
  readonly insertVersion: (version: Version) => Promise<boolean>;
  readonly findActiveVersion: () => Promise<Version | undefined>;
  readonly findVersion: (version: number) => Promise<Version | undefined>;
  readonly findActiveVersionNumber: () => Promise<number | undefined>;
  readonly listVersions: (page: { readonly before?: number; readonly limit: number }) => Promise<readonly Version[]>;
  readonly listProvedDomains: () => Promise<readonly string[]>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface SettingsStorage {
  readonly organization: (id: string) => {
    readonly read: SettingsPort;
    readonly transaction: <T>(work: (store: SettingsPort) => Promise<T>) => Promise<T>;
  };
}
