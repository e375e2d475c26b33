import {
  changedColumns,
  type DirectoryLimits,
  foldText,
  foldUserName,
  type ImportRow,
  isHosted,
  newUser,
  type Present,
  planRow,
  type Source,
  type User,
  type UserSet,
} from '@latchkey/directory';
import type { Act } from '../http/caller.ts';
import { auditAccount } from './account.ts';
import { setUserState } from './change-user-state.ts';
import {
  BY,
  type Import,
  type ImportChange,
  type ImportLine,
  type ImportPort,
  type ImportStorage,
  type LineChange,
  type NewSet,
} from './import-store.ts';
import { setsOf, type UserSetKind } from './store.ts';
import { auditUserSet } from './user-sets.ts';

export interface ImportNeeds {
  readonly storage: ImportStorage;
  readonly limits: DirectoryLimits;
  readonly newId: (prefix: string) => string;
  readonly randomId: () => string;
  readonly now: () => number;
}

/** A node that has died is replaced after so long. */
const leaseMilliseconds = 30_000;
/** A preview that nobody decides on. */
const readyMilliseconds = 7 * 86_400_000;
const keptMilliseconds = 30 * 86_400_000;
/** Lines of one transaction: few where others wait for it, so that a sign-in does not notice. */
const linesAtOnce = { one: 50, many: 200 } as const;
const rowsAtOnce = 500;
/** They are made in the one transaction that decides. */
const maxNewSets = 1000;

type SetNames = ReadonlyMap<string, Pick<UserSet, 'id' | 'name' | 'source'>>;

/** What the directory says of the users and names of some lines. */
interface Context {
  readonly users: ReadonlyMap<string, Present & { readonly importId: string | undefined; readonly groupIds: readonly string[] }>;
  readonly groups: SetNames;
  readonly departments: SetNames;
}

const prefixes: Readonly<Record<UserSetKind, string>> = { group: 'grp', department: 'dep' };

const withNew = (found: SetNames, newSets: readonly NewSet[], kind: UserSetKind): SetNames =>
  new Map([
    ...newSets.filter((set) => set.kind === kind).map((set) => [foldText(set.name), { ...set, source: BY }] as const),
    ...found,
  ]);

const namesOf = (rows: readonly ImportRow[], kind: UserSetKind): readonly string[] => [
  ...new Set(
    rows.flatMap((row) => (kind === 'group' ? (row.groups ?? []) : row.department ? [row.department] : [])).map(foldText),
  ),
];

const readContext = async (store: ImportPort, job: Import, lines: readonly ImportLine[]): Promise<Context> => {
  const rows = lines.flatMap(({ row }) => row ?? []);
  const [present, namedDepartments] = await Promise.all([
    store.findPresent(rows.map(({ userNameKey }) => userNameKey)),
    store.findSetsByName('department', namesOf(rows, 'department')),
  ]);
  const [groups, departments] = await Promise.all([
    store.groups.findAll([...new Set(present.flatMap((each) => each.groups))]),
    store.departments.findAll([...new Set(present.flatMap(({ user }) => user.departmentId ?? []))]),
  ]);
  const nameOf = (sets: readonly UserSet[], id: string | undefined): string => sets.find((set) => set.id === id)?.name ?? '';
  const users = new Map<string, Present & { importId: string | undefined; groupIds: readonly string[] }>();
  for (const { user, userNameKey, importId, groups: ids } of present) {
    // Another import's users are not there until it is decided.
    if (importId !== undefined && importId !== job.id && (await store.findUserByName(userNameKey)) === undefined) continue;
    const live = ids.filter((id) => groups.some((group) => group.id === id));
    const names = live.map((id) => nameOf(groups, id));
    users.set(userNameKey, { user, department: nameOf(departments, user.departmentId), groups: names, groupIds: live, importId });
  }
  const groupNames = [...new Set([...namesOf(rows, 'group'), ...groups.map(({ name }) => foldText(name))])];
  return {
    users,
    groups: withNew(await store.findSetsByName('group', groupNames), job.newSets, 'group'),
    departments: withNew(namedDepartments, job.newSets, 'department'),
  };
};

const planOf = (row: ImportRow, context: Context, existing: Import['existing']) =>
  planRow(row, context.users.get(row.userNameKey), {
    existing,
    sourceOfGroup: (name): Source | undefined => context.groups.get(foldText(name))?.source,
  });

/** One transaction of an import: what of it changes. */
type Step = (needs: ImportNeeds, store: ImportPort, job: Import, found: NextLines | undefined) => Promise<Partial<Import>>;

const callOff = (reason: string): Partial<Import> => ({ state: 'cancelling', reason, done: 0 });

/** Compares lines with the directory: what would each of them do? */
const checkLines: Step = async (needs, store, job, found) => {
  if (found === undefined) {
    for (const kind of ['group', 'department'] as const) {
      const most = kind === 'group' ? needs.limits.groups : needs.limits.departments;
      const made = job.newSets.filter((set) => set.kind === kind).length;
      if (made > 0 && (await setsOf(store, kind).count(most)) + made > most) return callOff(`too_many_${kind}s`);
    }
    return { state: 'ready', done: 0, lease: '', leaseUntil: needs.now() + readyMilliseconds };
  }
  const { lines, done } = found;
  const context = await readContext(store, job, lines);
  const counts = { ...job.counts };
  const newSets = [...job.newSets];
  const changes: ImportChange[] = [];
  // By name: lines about one user come one after another.
  let [earlierName, earlier] = job.position?.key ?? [];
  for (const { line, row, userNameKey } of lines) {
    if (userNameKey !== earlierName) [earlierName, earlier] = [userNameKey, line];
    if (row === undefined) continue;
    const plan =
      earlier !== line
        ? ({ change: 'error', column: 'userName', message: `Line ${earlier} is about the same user. Keep one of them.` } as const)
        : planOf(row, context, job.existing);
    counts[plan.change] += 1;
    changes.push({
      line,
      change: plan.change,
      problems: plan.change === 'error' ? [{ column: plan.column, message: plan.message }] : [],
    });
    if (plan.change !== 'add' && plan.change !== 'modify') continue;
    for (const [kind, names, known] of [
      ['group', row.groups ?? [], context.groups],
      ['department', row.department ? [row.department] : [], context.departments],
    ] as const) {
      for (const name of names) {
        const isNew = (set: NewSet): boolean => set.kind === kind && foldText(set.name) === foldText(name);
        if (!known.has(foldText(name)) && !newSets.some(isNew)) newSets.push({ kind, id: needs.newId(prefixes[kind]), name });
      }
    }
  }
  if (newSets.length > maxNewSets) return callOff('too_many_new_groups');
  await store.saveLines(job.id, changes);
  return { counts, newSets, ...done };
};

/** The ids of a line's sets; undefined: one of them is gone. */
const idsOf = (row: ImportRow, context: Context) => {
  const groups = (row.groups ?? []).map((name) => context.groups.get(foldText(name))?.id);
  const department = row.department ? context.departments.get(foldText(row.department))?.id : undefined;
  const groupIds = [...new Set(groups.flatMap((id) => id ?? []))];
  return groups.includes(undefined) || (row.department && department === undefined) ? undefined : { groupIds, department };
};

const userOf = (needs: ImportNeeds, row: ImportRow, department: string | undefined): User => {
  const at = needs.now();
  return newUser({
    id: needs.newId('usr'),
    userName: row.userName,
    displayName: row.displayName ?? '',
    email: row.email ?? '',
    comments: row.comments ?? '',
    departmentId: department,
    state: row.state ?? 'active',
    disabledBy: row.state === 'disabled' ? BY : undefined,
    source: BY,
    createdAt: at,
    updatedAt: at,
  });
};

const actOf = (job: Import): Act => ({ actor: job.appliedBy, remoteAddress: '', correlationId: job.id });

/** Makes groups and departments and lets everything be seen that was prepared: the one moment that decides. */
const decide = async (needs: ImportNeeds, store: ImportPort, job: Import): Promise<Partial<Import>> => {
  const at = needs.now();
  for (const { kind, id, name } of job.newSets) {
    const set: UserSet = { id, name, comments: '', source: BY, system: false, revision: 1, createdAt: at, updatedAt: at };
    if (!(await setsOf(store, kind).insert(set))) throw new DirectoryChanged();
    await store.appendAuditEvent({
      ...actOf(job),
      action: `${kind}.created`,
      outcome: 'success',
      reason: '',
      subject: `${kind}:${id}`,
      details: { before: null, after: auditUserSet(set), import: job.id },
    });
  }
  await store.appendAuditEvent({
    ...actOf(job),
    action: 'import.applied',
    outcome: 'success',
    reason: '',
    subject: `import:${job.id}`,
    details: { fileName: job.fileName, existing: job.existing, ...job.counts },
  });
  return { state: 'finishing', decidedAt: at, done: 0, position: undefined };
};

/** The directory is no longer what the preview was made for. */
class DirectoryChanged extends Error {}

/** The next lines to carry out, and what the import is once they are. */
interface NextLines {
  readonly lines: readonly ImportLine[];
  readonly done: Pick<Import, 'done' | 'position'>;
}

/** The lines that the states are about. */
const linesOf: Readonly<Partial<Record<Import['state'], readonly LineChange[]>>> = {
  checking: ['new', 'error'],
  preparing: ['add'],
  finishing: ['add', 'modify', 'delete'],
};

/** Undefined: there are none left. Read before the transaction, so that nobody waits for it: nobody but who works on an import changes its lines. */
const nextLines = async (needs: ImportNeeds, store: ImportPort, job: Import): Promise<NextLines | undefined> => {
  const { position: after } = job;
  const changes = linesOf[job.state];
  if (changes === undefined) return undefined;
  const limit = linesAtOnce[needs.storage.nodes];
  const { items: lines, next } = await store.searchLines(job.id, { changes, limit, ...(after === undefined ? {} : { after }) });
  const last = lines.at(-1);
  const position = next ?? (last && { range: 0, key: [last.userNameKey, last.line] });
  return position && { lines, done: { done: job.done + lines.length, position } };
};

/** Writes new users that nobody sees yet. */
const prepareLines: Step = async (needs, store, job, found) => {
  if (found === undefined) return decide(needs, store, job);
  const { lines, done } = found;
  const context = await readContext(store, job, lines);
  const domains = await store.listProvedDomains();
  const users = lines.flatMap(({ row }) => {
    // Somebody has come meanwhile: finishLines decides on that line.
    if (row === undefined || context.users.has(row.userNameKey)) return [];
    const ids = idsOf(row, context);
    if (ids === undefined || !domains.includes(foldUserName(row.userName).domain)) throw new DirectoryChanged();
    return [{ user: userOf(needs, row, ids.department), groupIds: ids.groupIds }];
  });
  await store.insertHiddenUsers(job.id, users);
  return done;
};

const nameOfSet = (sets: SetNames, id: string | undefined): { id: string; name: string } | undefined =>
  [...sets.values()].find((set) => set.id === id);

/** Carries one line out on a user who is there; why it cannot be, if so. */
const changeLine = async (
  needs: ImportNeeds,
  store: ImportPort,
  { job, row, context }: { readonly job: Import; readonly row: ImportRow; readonly context: Context },
): Promise<string | undefined> => {
  const found = context.users.get(row.userNameKey);
  const plan = planOf(row, context, job.existing);
  if (plan.change === 'error') return plan.message;
  if (plan.change === 'none') return undefined;
  const at = needs.now();
  const details = { import: job.id };
  if (plan.change === 'delete' && found !== undefined) {
    await setUserState(store, actOf(job), found.user, { state: 'deleted', by: BY, at, details });
    return undefined;
  }
  const ids = idsOf(row, context);
  if (ids === undefined) return 'A group or department of this line was deleted meanwhile.';
  const audit = (user: User, groupIds: readonly string[]) =>
    auditAccount({
      user,
      department: nameOfSet(context.departments, user.departmentId),
      groups: groupIds.flatMap((id) => nameOfSet(context.groups, id) ?? []),
    });
  const event = { ...actOf(job), outcome: 'success', reason: '' } as const;
  if (found === undefined) {
    const user = userOf(needs, row, ids.department);
    if (!(await store.insertUser(user))) return 'Somebody else has made this user meanwhile.';
    await store.joinGroups({ id: user.id, userNameKey: row.userNameKey }, ids.groupIds);
    const after = audit(user, ids.groupIds);
    await store.appendAuditEvent({
      ...event,
      action: 'user.created',
      subject: `user:${user.id}`,
      details: { before: null, after, ...details },
    });
    return undefined;
  }
  const { user } = found;
  const state = row.state ?? user.state;
  const after: User = {
    ...user,
    userName: row.userName,
    displayName: row.displayName ?? user.displayName,
    email: row.email ?? user.email,
    comments: row.comments ?? user.comments,
    departmentId: row.department === undefined ? user.departmentId : ids.department,
    state,
    disabledBy: state === 'disabled' ? (user.disabledBy ?? BY) : undefined,
    source: isHosted(user.source) ? user.source : BY,
    revision: user.revision + 1,
    updatedAt: at,
  };
  if (!(await store.saveUser(after, user.revision))) return 'Somebody else has just changed this user.';
  const groupIds = row.groups === undefined ? found.groupIds : ids.groupIds;
  for (const id of found.groupIds) if (!groupIds.includes(id)) await store.leaveGroup(user.id, id);
  await store.joinGroups(
    { id: user.id, userNameKey: row.userNameKey },
    groupIds.filter((id) => !found.groupIds.includes(id)),
  );
  if (state === 'disabled' && user.state !== 'disabled') await store.endUserSessions(user.id, at);
  const before = auditAccount({
    user,
    department: found.department === '' ? undefined : { id: '', name: found.department },
    groups: found.groups.map((name) => ({ id: '', name })),
  });
  const department = changedColumns(row, found).includes('department') ? (row.department ?? null) : before.department;
  await store.appendAuditEvent({
    ...event,
    action: 'user.changed',
    subject: `user:${user.id}`,
    details: { before, after: { ...audit(after, groupIds), department }, ...details },
  });
  return undefined;
};

/** Carries the lines out. It has been decided: whatever happens, it is gone on with until it is done. */
const finishLines: Step = async (needs, store, job, found) => {
  if (found === undefined) {
    const left = await store.removeLines(job.id, rowsAtOnce, ['add', 'modify', 'delete', 'none']);
    return left > 0 ? {} : { state: 'applied', endedAt: needs.now(), lease: '' };
  }
  const { lines, done } = found;
  const context = await readContext(store, job, lines);
  const own: string[] = [];
  const skipped: ImportChange[] = [];
  for (const { line, row, change } of lines) {
    if (row === undefined) continue;
    const found = context.users.get(row.userNameKey);
    if (found !== undefined && change === 'add' && found.importId === job.id) {
      own.push(found.user.id);
      const after = {
        ...auditAccount({ user: found.user, department: undefined, groups: [] }),
        department: found.department || null,
      };
      await store.appendAuditEvent({
        ...actOf(job),
        action: 'user.created',
        outcome: 'success',
        reason: '',
        subject: `user:${found.user.id}`,
        details: { before: null, after: { ...after, groups: found.groups }, import: job.id },
      });
      continue;
    }
    const why = await changeLine(needs, store, { job, row, context });
    if (why !== undefined) skipped.push({ line, change: 'skipped', problems: [{ column: '', message: why }] });
  }
  await store.ownUsers(own);
  await store.saveLines(job.id, skipped);
  return { ...done, counts: { ...job.counts, skipped: job.counts.skipped + skipped.length } };
};

/** Takes everything back that nobody has seen. */
const removeLines: Step = async (needs, store, job) => {
  if ((await store.removeHiddenUsers(job.id, rowsAtOnce)) > 0) return {};
  if ((await store.removeLines(job.id, rowsAtOnce)) > 0) return {};
  return { state: job.reason === 'cancelled' ? 'cancelled' : 'failed', endedAt: needs.now(), lease: '' };
};

const steps: Readonly<Partial<Record<Import['state'], Step>>> = {
  checking: checkLines,
  preparing: prepareLines,
  finishing: finishLines,
  cancelling: removeLines,
};

/** What becomes of those that wait for somebody outside for too long. */
const lapses: Readonly<Partial<Record<Import['state'], string>>> = { uploading: 'upload_interrupted', ready: 'expired' };

/** Takes an import up, if nobody works on it. */
const claim = async (needs: ImportNeeds, organizationId: string, id: string): Promise<Import | undefined> =>
  needs.storage.organization(organizationId).transaction(async (store) => {
    const job = await store.findImport(id);
    const now = needs.now();
    if (job === undefined || job.endedAt !== undefined || job.leaseUntil > now) return undefined;
    const lapsed = lapses[job.state];
    const next: Import = {
      ...job,
      ...(lapsed === undefined ? {} : callOff(lapsed)),
      lease: needs.randomId(),
      leaseUntil: now + leaseMilliseconds,
    };
    return (await store.saveImport(next, job)) ? next : undefined;
  });

/** One bounded transaction of it; undefined: it is somebody else's now, or has ended. */
const step = async (needs: ImportNeeds, organizationId: string, job: Import): Promise<Import | undefined> => {
  const organization = needs.storage.organization(organizationId);
  const write = (work: (store: ImportPort, current: Import) => Promise<Partial<Import>>): Promise<Import | undefined> =>
    organization.transaction(async (store) => {
      const current = await store.findImport(job.id);
      if (current === undefined || current.lease !== job.lease || current.state !== job.state) return undefined;
      const next: Import = { ...current, leaseUntil: needs.now() + leaseMilliseconds, ...(await work(store, current)) };
      return (await store.saveImport(next, current)) ? next : undefined;
    });
  const work = steps[job.state];
  if (work === undefined || job.endedAt !== undefined) return undefined;
  const found = await nextLines(needs, organization.read, job);
  try {
    return await write((store, current) => work(needs, store, current, found));
  } catch (error) {
    if (!(error instanceof DirectoryChanged)) throw error;
    return write(async () => callOff('directory_changed'));
  }
};

/**
 * Goes on with every import that nobody works on: on whatever node, and after a crash. `stopped` is asked between two transactions.
 */
export const runImports = async (needs: ImportNeeds, stopped: () => boolean = () => false): Promise<void> => {
  for (const { id, organizationId } of await needs.storage.server.listDueImports(needs.now(), 10)) {
    let job = await claim(needs, organizationId, id);
    while (job !== undefined && !stopped()) job = await step(needs, organizationId, job);
  }
};

/** Forgets imports that ended long ago, with their lines. */
export const removeOldImports = async (needs: Pick<ImportNeeds, 'storage' | 'now'>): Promise<void> => {
  for (const { id, organizationId } of await needs.storage.server.listEndedImports(needs.now() - keptMilliseconds, 100)) {
    const organization = needs.storage.organization(organizationId);
    while ((await organization.transaction((store) => store.removeLines(id, rowsAtOnce))) > 0);
    await organization.transaction((store) => store.removeImport(id));
  }
};
