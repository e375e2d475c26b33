import { foldUserName, readDisplayName } from '@latchkey/directory';
import type { Act, Caller } from '../http/caller.ts';
import { actorOf } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import { nameTaken, newAdministrator } from './new-administrator.ts';
import { validateNewPassword } from './password.ts';
import { checkRole } from './role.ts';
import { createSession } from './session.ts';
import { actOfAdministrator, attemptNames, type From, type SignInNeeds } from './sign-in.ts';
import { type AdministratorsStorage, holderOf, type Invitation } from './store.ts';

const GOOD_FOR = 7 * 24 * 3_600_000;
/** Prefixed for secret scanners. */
const prefix = 'lki_';
const TOKEN_LENGTH = 43;

interface InvitationNeeds {
  readonly storage: AdministratorsStorage;
  readonly origin: string;
  readonly newId: (prefix: string) => string;
  readonly randomText: (length: number) => string;
  /** Keyed hash. */
  readonly hashInvitation: (token: string) => string;
  readonly now: () => number;
}

/**
 * Invites somebody by a link that is handed on by hand; one before for the same name is worth nothing any more. Whether the name is taken by
 * somebody of another organization is told to the invited person only.
 *
 * @throws Problem
 */
export const inviteAdministrator = async (
  needs: InvitationNeeds,
  caller: Caller,
  act: Act,
  input: { readonly organizationId: string | null; readonly userName: string; readonly roleId: string },
): Promise<{ readonly invitation: Invitation; readonly link: string }> => {
  const { organizationId, roleId } = input;
  const { userName, userNameKey } = foldUserName(input.userName.trim());
  if (organizationId !== null && (await needs.storage.server.findOrganization(organizationId)) === undefined) {
    throw new Problem(404, 'organization_unknown', 'There is no such organization.');
  }
  const known = await needs.storage.server.findAdministratorByName(userNameKey);
  if (known !== undefined && known.organizationId === organizationId) throw nameTaken();
  const token = `${prefix}${needs.randomText(TOKEN_LENGTH)}`;
  const createdAt = needs.now();
  const invitation: Invitation = {
    id: needs.newId('inv'),
    organizationId,
    userName,
    userNameKey,
    roleId,
    hash: needs.hashInvitation(token),
    createdAt,
    createdBy: actorOf(caller),
    expiresAt: createdAt + GOOD_FOR,
  };
  await holderOf(needs.storage, organizationId).transaction(async (store) => {
    await checkRole(store, caller, organizationId, roleId);
    await store.insertInvitation(invitation);
    await store.appendAuditEvent({
      ...act,
      action: 'administrator.invited',
      outcome: 'success',
      reason: '',
      subject: `invitation:${invitation.id}`,
      details: { userName, roleId },
    });
  });
  // Behind the #, so that no server's log, ours included, has it.
  return { invitation, link: `${needs.origin}/accept-invitation#${token}` };
};

/** @throws Problem */
export const withdrawInvitation = (
  needs: { readonly storage: AdministratorsStorage },
  act: Act,
  input: { readonly organizationId: string | null; readonly invitationId: string },
): Promise<void> =>
  holderOf(needs.storage, input.organizationId).transaction(async (store) => {
    const invitation = await store.deleteInvitation(input.invitationId);
    if (invitation === undefined) throw new Problem(404, 'invitation_unknown', 'There is no such invitation.');
    await store.appendAuditEvent({
      ...act,
      action: 'administrator.invitation_withdrawn',
      outcome: 'success',
      reason: '',
      subject: `invitation:${invitation.id}`,
      details: { userName: invitation.userName, roleId: invitation.roleId },
    });
  });

/** Whoever has the link gives themselves a password, and goes on with a second factor. @throws Problem */
export const acceptInvitation = async (
  needs: SignInNeeds & Pick<InvitationNeeds, 'newId' | 'hashInvitation'>,
  from: From,
  input: { readonly token: string; readonly displayName: string; readonly password: string },
): Promise<{ readonly token: string }> => {
  const displayName = readDisplayName(input.displayName);
  const attempt = await needs.attempts.begin(attemptNames(needs, from));
  const invitation = await needs.storage.server.findInvitation(needs.hashInvitation(input.token.trim()));
  if (invitation === undefined || needs.now() >= invitation.expiresAt) throw spent();
  await needs.attempts.undo(attempt);
  const { organizationId, userName, userNameKey, roleId } = invitation;
  if (organizationId !== null && (await needs.storage.server.findOrganization(organizationId))?.state !== 'active') {
    throw new Problem(403, 'organization_suspended', 'This organization is suspended.', 'Ask the operator of this server.');
  }
  validateNewPassword(input.password, userNameKey);
  const administrator = newAdministrator(needs, {
    organizationId,
    userName,
    userNameKey,
    displayName: displayName || userName,
    roleId,
    password: await needs.passwords.hash(input.password),
  });
  const { session, token } = createSession(needs, administrator, 'second_factor_enrolment', from);
  await holderOf(needs.storage, organizationId).transaction(async (store) => {
    if ((await store.deleteInvitation(invitation.id)) === undefined) throw spent();
    if (!(await store.insertAdministrator(administrator))) throw nameTaken();
    await store.insertAdministratorSession(session);
    await store.appendAuditEvent(
      actOfAdministrator(administrator, from, 'administrator.joined', { userName, roleId, invitedBy: invitation.createdBy }),
    );
  });
  return { token };
};

const spent = (): Problem =>
  new Problem(
    403,
    'invitation_spent',
    'This invitation is not valid (any more).',
    'A link is good for seven days and once. Ask whoever has invited you for another one.',
  );
