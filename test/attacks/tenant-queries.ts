import { parseDeviceToken } from '@latchkey/device';
import type { UserSet } from '@latchkey/directory';
import { defaultRetention } from '../../apps/server/src/retention/store.ts';
import type { OrganizationStore } from '../../apps/server/src/storage/stores.ts';
import type { Tenant } from './tenant.ts';

/** A query for what is the tenant's. */
type Ask = (store: OrganizationStore, tenant: Tenant) => Promise<unknown>;

const AT = Date.UTC(2026, 10, 22, 11);
const page = { limit: 200 };
const lookupOf = ({ token }: Tenant): string => parseDeviceToken(token.text).lookup;
const nobody = { live: { device: [], external: [] }, drafted: { device: [], external: [] } };
const quarantined = { state: 'quarantined', reason: 'test', at: AT } as const;
/** Everything that a store of groups or departments is asked by id or name: false if it says nothing. */
const askSets = async (sets: OrganizationStore['groups'], id: string, stored: UserSet): Promise<unknown> => {
  const found = [await sets.find(id), await sets.findByName(stored.name), ...(await sets.findAll([id]))];
  const listed = await sets.search({ ...page, q: stored.name });
  const counted = (await sets.total({ q: stored.name })).total;
  const saved = await sets.save({ ...stored, comments: 'changed', revision: stored.revision + 1 }, stored.revision);
  await sets.delete(id, AT);
  await sets.remove(id);
  const told = found.some((each) => each !== undefined) || listed.items.length > 0 || counted > 0 || saved;
  return told && (await sets.find(id)) === undefined;
};
const joined = { joinState: { counter: 77, id: 'join' }, previousJoinId: '', remoteAddress: '192.0.2.9', lastSeenAt: AT };
const seenAs = { parameters: { hostName: 'renamed' }, remoteAddress: '192.0.2.9', lastSeenAt: AT };

/**
 * Every query that looks for rows by what names them. To another organization each says nothing: undefined, false, 0 or an empty list; to
 * the one it is about it says something. Where a query has no answer, what it has changed is looked at.
 */
const named = {
  findApiKeyById: (store, { spareKeyId }) => store.findApiKeyById(spareKeyId),
  revokeApiKey: (store, { spareKeyId }) => store.revokeApiKey(spareKeyId, AT),
  findApplication: (store, { site }) => store.findApplication(site.id),
  findApplicationByIdentifier: (store, { site }) => store.findApplicationByIdentifier(site.identifier),
  saveApplication: (store, { site }) => store.saveApplication(site.id, { enabled: false }),
  deleteApplication: (store, { site }) => store.deleteApplication(site.id),
  findDeviceToken: (store, tenant) => store.findDeviceToken(lookupOf(tenant)),
  findDeviceTokenById: (store, { token }) => store.findDeviceTokenById(token.id),
  revokeDeviceToken: (store, { token }) => store.revokeDeviceToken(token.id, AT),
  rotateDeviceToken: (store, { token }) => store.rotateDeviceToken(token.id, { to: 'tok_new', expiresAt: AT }),
  markExpiryWarned: (store, { token }) => store.markExpiryWarned(token.id, 14),
  countEnrollment: (store, { token }) => store.countEnrollment(token.id, AT),
  findDevice: (store, { deviceId }) => store.findDevice(deviceId),
  findDeviceByKey: (store, { device }) => store.findDeviceByKey(device.key.jkt),
  findLiveDeviceBySerial: (store, { serial }) => store.findLiveDeviceBySerial(serial),
  findFormerDevice: async (store, { deviceId, serial, device }) => {
    await store.changeDeviceState(deviceId, 'registered', quarantined);
    return store.findFormerDevice({ userName: device.state.userName, hostName: '', machineId: '', serial });
  },
  countUserDevices: (store, { device }) => store.countUserDevices(device.state.userName),
  changeDeviceState: (store, { deviceId }) => store.changeDeviceState(deviceId, 'registered', quarantined),
  saveSignIn: async (store, { deviceId }) => {
    await store.saveSignIn(deviceId, joined);
    return (await store.findDevice(deviceId))?.joinState.counter === 77;
  },
  resetJoinState: async (store, { deviceId }) => {
    await store.resetJoinState(deviceId, 'reset');
    return (await store.findDevice(deviceId))?.joinState.id === 'reset';
  },
  saveBadProofs: async (store, { deviceId }) => {
    await store.saveBadProofs(deviceId, 77, AT);
    return (await store.findDevice(deviceId))?.badProofs === 77;
  },
  saveDeviceSeen: async (store, { deviceId }) => {
    await store.saveDeviceSeen(deviceId, seenAs);
    return (await store.findDevice(deviceId))?.parameters.hostName === 'renamed';
  },
  saveDeviceUser: async (store, { deviceId }) => {
    await store.saveDeviceUser(deviceId, 'usr_new');
    return (await store.findDevice(deviceId))?.userId === 'usr_new';
  },
  findAuditEvent: (store, { eventId }) => store.findAuditEvent(eventId),
  findOwnDomain: (store, { domain }) => store.findOwnDomain(domain),
  changeDomain: (store, { domain }) => store.changeDomain(domain, { nextCheckAt: AT }),
  claimDomainCheck: async (store, { domain }) => {
    await store.changeDomain(domain, { nextCheckAt: AT });
    return store.claimDomainCheck(domain, AT, AT + 1);
  },
  removeDomain: (store, { domain }) => store.removeDomain(domain),
  findSession: (store, { sessionId }) => store.findSession(sessionId),
  findStanding: (store, { sessionId }) => store.findStanding(sessionId),
  listDeviceSessions: (store, { deviceId }) => store.listDeviceSessions(deviceId, AT),
  listNewestSessions: (store, { deviceId }) => store.listNewestSessions([deviceId], { at: AT, since: 0 }),
  endSession: (store, { sessionId }) => store.endSession(sessionId, AT),
  endDeviceSessions: (store, { deviceId }) => store.endDeviceSessions(deviceId, AT),
  endUserSessions: (store, { janeId }) => store.endUserSessions(janeId, AT),
  findDeviceUser: (store, { deviceId }) => store.findDeviceUser(deviceId),
  findUser: (store, { user }) => store.findUser(user),
  findUserByName: (store, { userName }) => store.findUserByName(userName),
  changeUserState: (store, { user }) => store.changeUserState(user, 'active', { state: 'deleted', at: AT }),
  wasUserDeleted: async (store, { user, userName }) => {
    await store.changeUserState(user, 'active', { state: 'deleted', at: AT });
    return store.wasUserDeleted(userName);
  },
  findAdministrator: (store, { administrator }) => store.findAdministrator(administrator.id),
  changeAdministrator: (store, { administrator }) => store.changeAdministrator(administrator.id, { state: 'disabled' }),
  takeTotpStep: (store, { administrator }) => store.takeTotpStep(administrator.id, AT),
  deleteAdministrator: (store, { administrator }) => store.deleteAdministrator(administrator.id),
  listPasskeys: (store, { stored }) => store.listPasskeys([stored.passkey.administratorId]),
  usePasskey: (store, { stored }) => store.usePasskey(stored.passkey.id, { counter: 77, at: AT }),
  deletePasskey: (store, { stored }) => store.deletePasskey(stored.passkey.administratorId, stored.passkey.id),
  changeAdministratorSession: (store, { stored }) =>
    store.changeAdministratorSession(stored.administratorSession.id, { lastSeenAt: AT }),
  takeChallenge: async (store, { stored }) => {
    await store.changeAdministratorSession(stored.administratorSession.id, { challenge: 'asked' });
    return store.takeChallenge(stored.administratorSession.id);
  },
  deleteAdministratorSession: (store, { stored }) => store.deleteAdministratorSession(stored.administratorSession.id),
  deleteSessionsOfAdministrator: async (store, { administrator, stored }) => {
    const { id } = stored.administratorSession;
    const found = await store.changeAdministratorSession(id, { lastSeenAt: AT });
    await store.deleteSessionsOfAdministrator(administrator.id);
    return found && !(await store.changeAdministratorSession(id, { lastSeenAt: AT }));
  },
  listSessionsOfAdministrator: (store, { stored }) =>
    store.listSessionsOfAdministrator(stored.administratorSession.administratorId),
  changeSigningKey: async (store, { stored }) => {
    const id = stored.signingKeys[0]?.id ?? '';
    await store.changeSigningKey(id, { state: 'retiring', stateSince: AT });
    return (await store.listSigningKeys()).some((key) => key.id === id && key.state === 'retiring');
  },
  deleteSigningKey: async (store, { stored }) => {
    const id = stored.signingKeys[0]?.id ?? '';
    const found = (await store.listSigningKeys()).some((key) => key.id === id);
    await store.deleteSigningKey(id);
    return found && !(await store.listSigningKeys()).some((key) => key.id === id);
  },
  deleteInvitation: (store, { invitationId }) => store.deleteInvitation(invitationId),
  findRole: (store, { roleId }) => store.findRole(roleId),
  isRoleUsed: async (store, { administrator, roleId }) => {
    await store.changeAdministrator(administrator.id, { roleId });
    return store.isRoleUsed(roleId);
  },
  deleteRole: async (store, { roleId }) => {
    const found = await store.findRole(roleId);
    await store.deleteRole(roleId);
    return found !== undefined && (await store.findRole(roleId)) === undefined;
  },
  saveUser: (store, { stored: { user } }) => store.saveUser({ ...user, comments: 'changed', revision: 2 }, user.revision),
  touchUser: async (store, { user, stored }) => {
    await store.touchUser(user, AT);
    return (await store.findUser(user))?.revision === stored.user.revision + 1;
  },
  groups: (store, { group, stored }) => askSets(store.groups, group, stored.group),
  departments: (store, { department, stored }) => askSets(store.departments, department, stored.department),
  listGroupsOfUser: (store, { user }) => store.listGroupsOfUser(user),
  leaveGroup: (store, { user, group }) => store.leaveGroup(user, group),
  emptyGroup: (store, { group }) => store.emptyGroup(group, 9),
  leaveDepartment: async (store, { stored: { user }, department }) => {
    await store.saveUser({ ...user, departmentId: department, revision: 2 }, user.revision);
    return store.leaveDepartment(department, 9);
  },
  findImport: (store, { importId }) => store.findImport(importId),
  saveImport: (store, { stored: { imported } }) => store.saveImport({ ...imported, done: 1 }, imported),
  searchLines: async (store, { importId }) => (await store.searchLines(importId, { limit: 9, changes: ['none', 'error'] })).items,
  listLines: (store, { importId }) => store.listLines(importId, { after: 0, limit: 9 }),
  saveLines: async (store, { importId }) => {
    await store.saveLines(importId, [{ line: 2, change: 'error', problems: [] }]);
    return (await store.listLines(importId, { after: 0, limit: 9 }))[0]?.change === 'error';
  },
  removeLines: (store, { importId }) => store.removeLines(importId, 9),
  removeImport: async (store, { importId }) => {
    const before = await store.findImport(importId);
    await store.removeImport(importId);
    return before !== undefined && (await store.findImport(importId)) === undefined;
  },
  findPresent: (store, { userName }) => store.findPresent([userName]),
  findSetsByName: async (store, { stored: { group } }) => [...(await store.findSetsByName('group', [group.name]))],
  removeHiddenUsers: async (store, { stored: { user }, importId, domain }) => {
    const hidden = { ...user, id: `usr_${domain}`, userName: `hidden@${domain}` };
    // In its own organization only: in another one it would be that one's.
    if ((await store.findImport(importId)) !== undefined)
      await store.insertHiddenUsers(importId, [{ user: hidden, groupIds: [] }]);
    return store.removeHiddenUsers(importId, 9);
  },
  ownUsers: async (store, { stored: { user }, importId, domain }) => {
    const hidden = { ...user, id: `usr_${domain}`, userName: `hidden@${domain}` };
    if ((await store.findImport(importId)) !== undefined)
      await store.insertHiddenUsers(importId, [{ user: hidden, groupIds: [] }]);
    await store.ownUsers([hidden.id]);
    return (await store.findUser(hidden.id)) !== undefined;
  },
  reduceAuditEvent: async (store, tenant) => {
    const oldest = { order: 'oldest', limit: 1 } as const;
    const [first] = await tenant.storage.read.listAuditEvents(oldest);
    await store.reduceAuditEvent({ id: first?.id ?? '', remoteAddress: 'reduced', details: {} });
    return (await store.listAuditEvents(oldest))[0]?.remoteAddress === 'reduced';
  },
  findProvidedUser: (store, { scim }) => store.findProvidedUser(scim.source, scim.user),
  findProvidedUsers: (store, { scim }) => store.findProvidedUsers(scim.source, [scim.user]),
  listUserKeys: (store, { scim }) => store.listUserKeys(scim.source, [scim.user]),
  listProvidedUsers: async (store, { scim, domain }) => [
    ...(await store.listProvidedUsers(scim.source, { by: 'id', id: scim.user }, page)),
    ...(await store.listProvidedUsers(scim.source, { by: 'group', id: scim.group }, page)),
    ...(await store.listProvidedUsers(scim.source, { by: 'email', key: `provisioned@${domain}` }, page)),
  ],
  countProvidedUsers: (store, { scim }) => store.countProvidedUsers(scim.source, { by: 'group', id: scim.group }),
  saveUserEmails: async (store, { scim, domain }) => {
    const found = () => store.listProvidedUsers(scim.source, { by: 'email', key: `provisioned@${domain}` }, page);
    const before = await found();
    await store.saveUserEmails(scim.user, []);
    return before.length > 0 && (await found()).length === 0;
  },
  forgetProvidedUser: async (store, { scim, domain }) => {
    const found = () => store.listProvidedUsers(scim.source, { by: 'email', key: `provisioned@${domain}` }, page);
    const before = await found();
    await store.forgetProvidedUser(scim.user);
    return before.length > 0 && (await found()).length === 0;
  },
  setUserDeletion: async (store, { scim }) => {
    await store.setUserDeletion(scim.user, AT);
    return (await store.findProvidedUser(scim.source, scim.user))?.deleteAt === AT;
  },
  findProvidedGroup: (store, { scim }) => store.findProvidedGroup(scim.source, scim.group),
  findProvidedGroups: (store, { scim }) => store.findProvidedGroups(scim.source, [scim.group]),
  listProvidedGroups: async (store, { scim }) => [
    ...(await store.listProvidedGroups(scim.source, { by: 'id', id: scim.group }, page)),
    ...(await store.listProvidedGroups(scim.source, { by: 'member', id: scim.user }, page)),
  ],
  countProvidedGroups: (store, { scim }) => store.countProvidedGroups(scim.source, { by: 'member', id: scim.nested }),
  saveProvidedGroup: async (store, { scim }) => {
    await store.saveProvidedGroup(scim.group, { externalId: 'changed', attributes: {} });
    return (await store.findProvidedGroup(scim.source, scim.group))?.externalId === 'changed';
  },
  touchGroup: async (store, { scim }) => {
    await store.touchGroup(scim.group, AT + 7);
    return (await store.findProvidedGroup(scim.source, scim.group))?.group.updatedAt === AT + 7;
  },
  touchGroupsOf: async (store, { scim }) => {
    await store.touchGroupsOf(scim.user, AT + 7);
    return (await store.findProvidedGroup(scim.source, scim.group))?.group.updatedAt === AT + 7;
  },
  listMembers: async (store, { scim }) => (await store.listMembers(scim.source, scim.group, page)).members,
  listMemberIds: async (store, { scim }) => [...(await store.listMemberIds(scim.group))],
  removeMembers: (store, { scim }) => store.removeMembers(scim.group, [scim.user, scim.nested]),
  listGroupsOfUsers: (store, { scim }) => store.listGroupsOfUsers(scim.source, [scim.user]),
  listParents: (store, { scim }) => store.listParents(scim.source, [scim.nested]),
  listNested: (store, { scim }) => store.listNested([scim.group]),
  countGroupsOfUsers: (store, { scim }) => store.countGroupsOfUsers([scim.user], 1),
  removeNesting: async (store, { scim }) => {
    const before = await store.listNested([scim.group]);
    await store.removeNesting(scim.group);
    return before.length > 0 && (await store.listNested([scim.group])).length === 0;
  },
  findScimToken: (store, { stored }) => store.findScimToken(stored.scimToken.lookup),
  findScimTokenById: (store, { scim }) => store.findScimTokenById(scim.idp, scim.spareTokenId),
  revokeScimToken: (store, { scim }) => store.revokeScimToken(scim.spareTokenId, AT),
  touchScimToken: async (store, { scim }) => {
    await store.touchScimToken(scim.spareTokenId, AT);
    return (await store.findScimTokenById(scim.idp, scim.spareTokenId))?.lastUsedAt === AT;
  },
  findScimExchange: (store, { scim }) => store.findScimExchange(scim.idp, scim.exchangeId),
  postponeWebhookMessage: (store, { message }) => store.postponeWebhookMessage(message, AT),
  deleteWebhookMessage: async (store, { message }) => {
    const found = await store.postponeWebhookMessage(message, AT);
    await store.deleteWebhookMessage(message.id);
    return found && !(await store.postponeWebhookMessage({ ...message, nextAt: AT }, AT + 1));
  },
} satisfies Partial<Record<keyof OrganizationStore, Ask>>;

/**
 * All others: they say what the own organization has, or write a row of its own, here under the name of one of the tenant's. To another
 * organization they say nothing of the tenant, and they change nothing of it; refused by the database or not.
 */
const unnamed: Readonly<Record<Exclude<keyof OrganizationStore, keyof typeof named>, Ask>> = {
  listApiKeys: (store) => store.listApiKeys(page),
  countOwn: async (store) => Object.values(await store.countOwn(AT)).find((count) => count > 0),
  listEnding: (store) => store.listEnding('device_tokens', 0, Number.MAX_SAFE_INTEGER, 9),
  listEventCounts: (store) => store.listEventCounts(0),
  listApplications: (store, { site }) => store.listApplications({ ...page, after: site.id }),
  listAuditEvents: (store) => store.listAuditEvents({ ...page, order: 'oldest' }),
  searchAuditEvents: (store, { deviceId }) => store.searchAuditEvents({ ...page, order: 'oldest', actor: `device:${deviceId}` }),
  totalAuditEvents: (store, { deviceId }) => store.totalAuditEvents({ actor: `device:${deviceId}` }),
  listDeviceTokens: (store) => store.listDeviceTokens(page),
  countLiveDeviceTokens: (store) => store.countLiveDeviceTokens(AT),
  searchDevices: (store, { domain }) => store.searchDevices({ ...page, q: `jane@${domain}` }),
  totalDevices: (store, { domain }) => store.totalDevices({ q: `jane@${domain}` }),
  listDomains: (store) => store.listDomains(),
  listProvedDomains: (store) => store.listProvedDomains(),
  readOrganization: (store) => store.readOrganization(),
  findDraft: (store) => store.findDraft(),
  listEditors: (store) => store.listEditors(0),
  findActiveVersion: (store) => store.findActiveVersion(),
  findActiveVersionNumber: (store) => store.findActiveVersionNumber(),
  findVersion: (store) => store.findVersion(1),
  listVersions: (store) => store.listVersions(page),
  listSigningKeys: (store) => store.listSigningKeys(),
  searchUsers: (store, { userName, group }) => store.searchUsers({ ...page, q: userName, groupId: group }),
  totalUsers: (store, { userName, group }) => store.totalUsers({ q: userName, groupId: group }),
  countUsersByDomain: async (store) => [...(await store.countUsersByDomain(0)).domains],
  countDevicesByDomain: async (store) => [...(await store.countDevicesByDomain(0)).domains],
  searchLockedOut: (store) => store.searchLockedOut({ ...page, ...nobody }),
  totalLockedOut: (store) => store.totalLockedOut(nobody),
  listImports: (store) => store.listImports(page),
  isImporting: (store) => store.isImporting(),
  findWebhook: (store) => store.findWebhook(),
  findRetention: (store) => store.findRetention(),
  listAdministrators: (store) => store.listAdministrators(page),
  countFullAdministrators: (store) => store.countFullAdministrators(),
  listInvitations: (store) => store.listInvitations(page),
  listRoles: (store) => store.listRoles(),
  countAdministratorsByRole: (store) => store.countAdministratorsByRole(),
  countProvided: (store, { scim }) => store.countProvided(scim.source, 'User'),
  countLiveScimTokens: (store, { scim }) => store.countLiveScimTokens(scim.idp, AT),
  listScimTokens: (store, { scim }) => store.listScimTokens(scim.idp, page),
  listScimExchanges: (store, { scim }) => store.listScimExchanges(scim.idp, {}, page),

  insertAdministrator: (store, { stored }) => store.insertAdministrator(stored.administrator),
  insertPasskey: (store, { stored }) => store.insertPasskey(stored.passkey),
  insertAdministratorSession: (store, { stored }) => store.insertAdministratorSession(stored.administratorSession),
  insertInvitation: (store, { stored }) => store.insertInvitation(stored.invitation),
  saveRole: (store, { stored }) => store.saveRole({ ...stored.role, name: 'stolen' }),
  insertApiKey: async (store, { stored }) => store.insertApiKey(stored.apiKey),
  insertApplication: (store, { site }) => store.insertApplication(site),
  insertDeviceToken: async (store, { stored }) => store.insertDeviceToken(stored.deviceToken),
  insertDevice: (store, { stored }) => store.insertDevice(stored.device),
  insertDomain: (store, { stored }) => store.insertDomain(stored.domain),
  insertOrganization: (store, { stored }) => store.insertOrganization(stored.organization),
  insertSession: (store, { stored }) => store.insertSession(stored.session),
  insertSigningKeys: (store, { stored }) => store.insertSigningKeys(stored.signingKeys),
  insertUser: (store, { stored }) => store.insertUser(stored.user),
  joinGroup: (store, { scim, userName }) => store.joinGroup(scim.group, [{ id: scim.user, userNameKey: userName }]),
  nestGroups: (store, { scim }) => store.nestGroups(scim.group, [scim.nested]),
  addToCount: (store, { scim }) => store.addToCount(scim.source, 'User', scim.user, -1),
  insertScimToken: (store, { stored }) => store.insertScimToken(stored.scimToken),
  insertScimExchange: (store, { stored }) => store.insertScimExchange(stored.exchange),
  joinGroups: (store, { user, group, userName }) => store.joinGroups({ id: user, userNameKey: userName }, [group]),
  insertImport: (store, { stored }) => store.insertImport(stored.imported),
  insertLines: (store, { importId, userName }) =>
    store.insertLines(importId, [{ line: 9, userNameKey: userName, row: undefined, change: 'none', problems: [] }]),
  insertHiddenUsers: (store, { importId, stored }) => store.insertHiddenUsers(importId, [{ user: stored.user, groupIds: [] }]),
  insertWebhookMessage: (store, { message }) => store.insertWebhookMessage(message),
  insertVersion: (store, { stored }) => store.insertVersion({ ...stored.version, version: 99 }),
  saveDraft: (store, { stored }) => store.saveDraft({ ...stored.draft, revision: stored.draft.revision + 1 }),
  saveEditor: (store) => store.saveEditor({ actor: 'api-key:test', seenAt: AT }),
  saveWebhook: (store) => store.saveWebhook({ url: 'https://new.example/', secret: '', createdAt: AT, createdBy: 'test' }),
  deleteWebhook: (store) => store.deleteWebhook(),
  insertRetention: (store) => store.insertRetention({ ...defaultRetention, updatedBy: 'test' }),
  saveRetention: (store) => store.saveRetention({ ...defaultRetention, revision: 1 }, 0),
  holdSweep: (store) => store.holdSweep(0, AT),
  removeAuditEvents: (store) => store.removeAuditEvents(AT * 2, 1000),
  removeRemovedDevices: (store) => store.removeRemovedDevices(AT * 2, 1000),
  removeDeletedUsers: (store) => store.removeDeletedUsers(AT * 2, 1000),
  appendAuditEvent: (store, { deviceId }) =>
    store.appendAuditEvent({
      actor: `device:${deviceId}`,
      action: 'device.removed',
      outcome: 'success',
      reason: '',
      subject: `device:${deviceId}`,
      remoteAddress: '',
      correlationId: 'cor_test',
      details: {},
    }),
  useOnce: (store) => store.useOnce('nonce', 'used', AT),
  useAllOnce: (store) => {
    const once = { kind: 'jti', value: 'used', expiresAt: AT } as const;
    return store.useAllOnce([once, { ...once, kind: 'request' }, { ...once, kind: 'assertion' }]);
  },
  setOrganizationState: (store) => store.setOrganizationState('suspended'),
  setDeletion: (store) => store.setDeletion(null, AT),
  removeSomeRows: (store) => store.removeSomeRows(1_000_000),
  removeOrganization: (store) => store.removeOrganization(),
};

export const namedQueries: readonly (readonly [string, Ask])[] = Object.entries(named);
export const unnamedQueries: readonly (readonly [string, Ask])[] = Object.entries(unnamed);
