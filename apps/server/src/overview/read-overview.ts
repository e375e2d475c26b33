import type { Area, AttentionView, OverviewView } from '@latchkey/contract';
import { diff, emptySettings, type SettingsDocument, validate } from '@latchkey/settings';
import type { Total } from '../found.ts';
import type { Ending, OverviewPort, OverviewStorage } from './store.ts';

/** How long before its end something is told of. */
const SOON = 90 * 86_400_000;
/** Of a kind. */
const MOST = 20;

const exactly = (total: number): Total => ({ total, totalIsEstimate: false });
const hasDeviceIdp = (document: SettingsDocument | undefined): boolean =>
  document?.identityProviders.some(({ kind, status }) => kind === 'device' && status === 'enabled') ?? false;

type Attention = readonly AttentionView[];
/** What one area adds. */
type Part = Pick<OverviewView, 'counts' | 'setUp'> & { readonly attention: Attention };

const endingView = (what: 'device_token' | 'api_key' | 'certificate', { id, name, endsAt }: Ending): AttentionView => ({
  kind: 'ending',
  what,
  id,
  name,
  endsAt: new Date(endsAt).toISOString(),
});

const devices = async (read: OverviewPort): Promise<Part> => {
  const [all, pending, quarantined] = await Promise.all([
    read.totalDevices({}),
    read.totalDevices({ state: 'pending' }),
    read.totalDevices({ state: 'quarantined' }),
  ]);
  const told = [
    { kind: 'devices', state: 'pending', ...pending },
    { kind: 'devices', state: 'quarantined', ...quarantined },
  ] as const;
  return {
    counts: { devices: all },
    setUp: [{ step: 'device', done: all.total > 0 }],
    attention: told.filter(({ total }) => total > 0),
  };
};

const deviceTokens = async (read: OverviewPort, now: number): Promise<Part> => {
  const [live, ending] = await Promise.all([
    read.countLiveDeviceTokens(now),
    read.listEnding('device_tokens', now, now + SOON, MOST),
  ]);
  return {
    counts: { deviceTokens: exactly(live) },
    setUp: [{ step: 'token', done: live > 0 }],
    attention: ending.map((each) => endingView('device_token', each)),
  };
};

const domains = async (read: OverviewPort): Promise<Part> => {
  const all = await read.listDomains();
  const attention = all.flatMap(({ name, proof, failingSince, contestedAt }): Attention => {
    if (proof !== 'none') return failingSince === null ? [] : [{ kind: 'domain', name, state: 'failing' }];
    return [{ kind: 'domain', name, state: contestedAt === null ? 'claimed' : 'contested' }];
  });
  return {
    counts: { domains: exactly(all.length) },
    setUp: [{ step: 'domain', done: all.some(({ proof }) => proof !== 'none') }],
    attention: attention.slice(0, MOST),
  };
};

const settings = async (read: OverviewPort): Promise<Part> => {
  const [draft, active, provedDomains] = await Promise.all([
    read.findDraft(),
    read.findActiveVersion(),
    read.listProvedDomains(),
  ]);
  const current = draft?.document ?? active?.document ?? emptySettings;
  const changes = draft === undefined ? 0 : diff(active?.document ?? emptySettings, draft.document).length;
  const errorsOf = (document: SettingsDocument): number =>
    validate(document, { provedDomains }).filter(({ severity }) => severity === 'error').length;
  const broken = active === undefined ? 0 : errorsOf(active.document);
  return {
    counts: { identityProviders: exactly(current.identityProviders.length) },
    setUp: [
      { step: 'idp', done: hasDeviceIdp(draft?.document) || hasDeviceIdp(active?.document) },
      { step: 'activate', done: hasDeviceIdp(active?.document) },
    ],
    attention: [
      ...(broken === 0 ? [] : [{ kind: 'active', problems: broken } as const]),
      ...(draft === undefined || changes === 0
        ? []
        : [
            {
              kind: 'draft',
              changes,
              errors: errorsOf(draft.document),
              updatedAt: new Date(draft.updatedAt).toISOString(),
              updatedBy: draft.updatedBy,
            } as const,
          ]),
    ],
  };
};

const directory = async (read: OverviewPort): Promise<Part> => {
  const [users, groups, departments] = await Promise.all([
    read.totalUsers({}),
    read.groups.total({}),
    read.departments.total({}),
  ]);
  return { counts: { users, groups, departments }, setUp: [], attention: [] };
};

/** The order of a checklist, and of what is looked at first. */
const steps = ['domain', 'idp', 'activate', 'token', 'device'] as const;
const order: readonly AttentionView['kind'][] = ['active', 'domain', 'devices', 'draft', 'ending'];

const timeOf = (attention: AttentionView): string => (attention.kind === 'ending' ? attention.endsAt : '');

/** How an organization stands, as far as the caller may see it. Every part is bounded: it costs the same at any size. */
export const readOverview = async (
  needs: {
    readonly storage: OverviewStorage;
    readonly now: () => number;
    /** When a certificate ends: base64 of its DER. */
    readonly certificateEnd: (certificate: string) => number;
  },
  input: { readonly organizationId: string; readonly mayRead: (area: Area) => boolean },
): Promise<OverviewView> => {
  const { read } = needs.storage.organization(input.organizationId);
  const now = needs.now();

  const certificates = async (): Promise<Attention> =>
    (await read.listSigningKeys())
      .map(({ id, purpose, certificate }) => ({ id, name: purpose, endsAt: needs.certificateEnd(certificate) }))
      .filter(({ endsAt }) => endsAt - now <= SOON)
      .map((each) => endingView('certificate', each));
  const own = read.countOwn(now);
  const count = async (counts: OverviewView['counts'], attention: Attention = []): Promise<Part> => ({
    counts,
    setUp: [],
    attention,
  });

  const parts: readonly (readonly [Area, () => Promise<Part>])[] = [
    ['devices', () => devices(read)],
    ['device-tokens', () => deviceTokens(read, now)],
    ['organization', () => domains(read)],
    ['organization', async () => count({}, await certificates())],
    ['settings', () => settings(read)],
    ['directory', () => directory(read)],
    ['audit', async () => count({ auditEvents: await read.totalAuditEvents({}) })],
    ['applications', async () => count({ applications: exactly((await own).applications) })],
    ['administrators', async () => count({ administrators: exactly((await own).administrators) })],
    [
      'api-keys',
      async () => {
        const ending = await read.listEnding('api_keys', now, now + SOON, MOST);
        return count(
          { apiKeys: exactly((await own).apiKeys) },
          ending.map((each) => endingView('api_key', each)),
        );
      },
    ],
  ];
  const [found] = await Promise.all([
    Promise.all(parts.flatMap(([area, ask]) => (input.mayRead(area) ? [ask()] : []))),
    own, // Whether somebody looks at it or not, it may fail only here.
  ]);
  const setUp = found.flatMap((part) => part.setUp);
  return {
    at: new Date(now).toISOString(),
    counts: Object.assign({}, ...found.map(({ counts }) => counts)),
    setUp: steps.flatMap((name) => setUp.filter(({ step }) => step === name)),
    attention: found
      .flatMap(({ attention }) => attention)
      .toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (timeOf(a) < timeOf(b) ? -1 : 1)),
  };
};
