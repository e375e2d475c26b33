import type { Permissions } from '@latchkey/contract';
import type { Caller } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { allows, permissionsOf } from './permissions.ts';
import {
  type Administrator,
  type AdministratorSession,
  type AdministratorsStorage,
  holderOf,
  type SessionState,
} from './store.ts';

export interface SessionNeeds {
  readonly storage: AdministratorsStorage;
  /** Keyed hash of the cookie's value. */
  readonly hashSession: (token: string) => string;
  readonly randomText: (length: number) => string;
  readonly now: () => number;
  readonly sessionLimits: {
    /** Milliseconds without a request after which a session is over. */
    readonly idle: number;
    /** Milliseconds after which it is over in any case. */
    readonly absolute: number;
  };
}

/** 43 characters of base62 are 256 bits. */
const TOKEN_LENGTH = 43;
/** Between the password and the second factor. */
const HALF_SIGNED_IN = 10 * 60_000;
/** How long what is dangerous may be done after both factors were shown. */
const REAUTHENTICATED = 10 * 60_000;
/** Milliseconds between two writes of "last seen". */
const TOUCH_EVERY = 60_000;

/** A session that holds now, and whose it is. */
export interface Resumed {
  readonly session: AdministratorSession;
  readonly administrator: Administrator;
  readonly organization: { readonly id: string; readonly name: string } | null;
  readonly permissions: Permissions;
}

/** A new session. Every step of signing in makes one with a new token, so that nobody can have planted it (session fixation). */
export const createSession = (
  needs: Pick<SessionNeeds, 'hashSession' | 'randomText' | 'now' | 'sessionLimits'>,
  administrator: Pick<Administrator, 'id' | 'organizationId'>,
  state: SessionState,
  from: { readonly remoteAddress: string },
  /** The session that it goes on with, not a new one. */
  before?: AdministratorSession,
): { readonly session: AdministratorSession; readonly token: string } => {
  const token = needs.randomText(TOKEN_LENGTH);
  const now = needs.now();
  const signedIn = state === 'signed_in';
  return {
    token,
    session: {
      id: needs.hashSession(token),
      administratorId: administrator.id,
      organizationId: administrator.organizationId,
      state,
      createdAt: before?.createdAt ?? now,
      expiresAt: before?.expiresAt ?? now + (signedIn ? needs.sessionLimits.absolute : HALF_SIGNED_IN),
      lastSeenAt: now,
      reauthenticatedAt: signedIn ? now : null,
      challenge: null,
      pendingTotp: null,
      remoteAddress: from.remoteAddress,
    },
  };
};

/** Until when what is dangerous may be done; null: it may not. */
export const reauthenticatedUntil = ({ state, reauthenticatedAt }: AdministratorSession, now: number): number | null =>
  state === 'signed_in' && reauthenticatedAt !== null && now < reauthenticatedAt + REAUTHENTICATED
    ? reauthenticatedAt + REAUTHENTICATED
    : null;

/** Whether a session is over. */
const isOver = (
  { expiresAt, lastSeenAt }: Pick<AdministratorSession, 'expiresAt' | 'lastSeenAt'>,
  needs: Pick<SessionNeeds, 'now' | 'sessionLimits'>,
): boolean => needs.now() >= expiresAt || needs.now() >= lastSeenAt + needs.sessionLimits.idle;

/** Every browser that is signed in as this administrator. */
export const listSignedIn = async (
  needs: SessionNeeds,
  { id, organizationId }: Pick<Administrator, 'id' | 'organizationId'>,
): Promise<readonly AdministratorSession[]> => {
  const sessions = await holderOf(needs.storage, organizationId).read.listSessionsOfAdministrator(id);
  return sessions.filter((session) => session.state === 'signed_in' && !isOver(session, needs));
};

/** The session of a cookie's value, if it holds and whoever it is of may still come in. */
export const resumeSession = async (needs: SessionNeeds, token: string): Promise<Resumed | undefined> => {
  const session = await needs.storage.server.findAdministratorSession(needs.hashSession(token));
  if (session === undefined || isOver(session, needs)) return undefined;
  const { organizationId } = session;
  const { read } = holderOf(needs.storage, organizationId);
  const administrator = await read.findAdministrator(session.administratorId);
  if (administrator?.state !== 'active') return undefined;
  const organization = organizationId === null ? null : await needs.storage.server.findOrganization(organizationId);
  if (organization === undefined || (organization !== null && organization.state !== 'active')) return undefined;
  return {
    session,
    administrator,
    organization: organization && { id: organization.id, name: organization.name },
    permissions: permissionsOf(organizationId, administrator.roleId, await read.findRole(administrator.roleId)),
  };
};

/** A session that is used does not fall idle. */
export const touchSession = async (needs: SessionNeeds, { session }: Resumed): Promise<void> => {
  const now = needs.now();
  if (now - session.lastSeenAt < TOUCH_EVERY) return;
  await holderOf(needs.storage, session.organizationId).transaction((store) =>
    store.changeAdministratorSession(session.id, { lastSeenAt: now }),
  );
};

/** The caller that a session makes; only one that is signed in makes any. */
export const callerOfSession = async (
  needs: SessionNeeds,
  token: string,
  options: { readonly background: boolean },
): Promise<{ readonly caller: Caller; readonly reauthenticated: boolean }> => {
  const resumed = await resumeSession(needs, token);
  if (resumed?.session.state !== 'signed_in') {
    throw new Problem(401, 'signed_out', 'You are signed out.', 'Sign in again.');
  }
  if (!options.background) await touchSession(needs, resumed);
  const { administrator, permissions } = resumed;
  const who = {
    by: 'administrator',
    id: administrator.id,
    may: (area, what) => allows(permissions, area, what),
  } as const satisfies Pick<Caller, 'by' | 'id' | 'may'>;
  return {
    caller:
      administrator.organizationId === null
        ? { ...who, kind: 'operator' }
        : { ...who, kind: 'organization', organizationId: administrator.organizationId },
    reauthenticated: reauthenticatedUntil(resumed.session, needs.now()) !== null,
  };
};
