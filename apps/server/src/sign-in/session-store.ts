import type { NewAuditEvent } from '@latchkey/contract';
import type { Device } from '@latchkey/device';
import type { Cut, Found, Total } from '../found.ts';
import type { Running, Session } from './session.ts';

interface SignedInFilter {
  readonly q?: string;
  readonly signedIn: Running;
}

/** What looking at sessions, and ending them, needs of the store, within one organization. */
export interface SessionPort {
  readonly findSession: (id: string) => Promise<Session | undefined>;
  readonly findDevice: (id: string) => Promise<Device | undefined>;
  readonly searchDevices: (filter: SignedInFilter & Cut) => Promise<Found<Device>>;
  readonly totalDevices: (filter: SignedInFilter) => Promise<Total>;
  readonly listNewestSessions: (
    deviceIds: readonly string[],
    running: Running,
  ) => Promise<readonly (Session & { readonly older: number })[]>;
  readonly endDeviceSessions: (deviceId: string, at: number) => Promise<number>;
  readonly appendAuditEvent: (event: NewAuditEvent) => Promise<void>;
}

export interface SessionStorage {
  readonly organization: (id: string) => {
    readonly read: SessionPort;
    readonly transaction: <T>(work: (store: SessionPort) => Promise<T>) => Promise<T>;
  };
}
