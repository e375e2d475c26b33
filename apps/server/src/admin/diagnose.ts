import type { CheckView, DiagnosisView } from '@latchkey/contract';
import { diff, validate } from '@latchkey/settings';
import type { Caller } from '../http/caller.ts';
import { includesScope } from './area.ts';
import type { AdminPort, AdminStorage, ApiKey } from './store.ts';

export interface DiagnoseNeeds {
  readonly storage: AdminStorage;
  /** Rejects unless the store can keep something now. */
  readonly checkStorage: () => Promise<void>;
  /** The URL devices know this server by. */
  readonly origin: string;
  /** When the certificate ends that this server shows; missing where a proxy does. */
  readonly certificateEnd?: (() => number) | undefined;
  readonly now: () => number;
}

const day = 86_400_000;
const soon = 14 * day;

const ok = (check: string, message: string): CheckView => ({ check, status: 'ok', message, remedy: null });
const warning = (check: string, message: string, remedy: string): CheckView => ({ check, status: 'warning', message, remedy });
const problem = (check: string, message: string, remedy: string): CheckView => ({ check, status: 'problem', message, remedy });

const inDays = (milliseconds: number): string => {
  const days = Math.floor(milliseconds / day);
  return days < 1 ? 'today' : days === 1 ? 'tomorrow' : `in ${days} days`;
};

const checkStorage = async (needs: DiagnoseNeeds): Promise<CheckView> => {
  try {
    await needs.checkStorage();
    return ok('storage', 'The database takes writes.');
  } catch (error) {
    return problem(
      'storage',
      'The database takes no writes.',
      `Look at its disk and the log: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};

const checkOrigin = ({ origin }: DiagnoseNeeds): CheckView =>
  origin.startsWith('https://')
    ? ok('origin', `Devices reach this server at ${origin}.`)
    : warning(
        'origin',
        `This server calls itself ${origin}, which only this machine can reach.`,
        'Set LATCHKEY_ORIGIN to the https:// URL that devices use.',
      );

const checkCertificate = ({ certificateEnd, now }: DiagnoseNeeds): readonly CheckView[] => {
  if (certificateEnd === undefined) return [];
  const remedy = 'Renew it: the files of LATCHKEY_TLS_CERTIFICATE_FILE are taken up when they change.';
  try {
    const left = certificateEnd() - now();
    if (left <= 0) return [problem('tls', 'The TLS certificate has expired, so no device reaches this server.', remedy)];
    if (left < soon) return [warning('tls', `The TLS certificate expires ${inDays(left)}.`, remedy)];
    return [ok('tls', `The TLS certificate is good ${inDays(left).replace('in', 'for')}.`)];
  } catch (error) {
    return [problem('tls', error instanceof Error ? error.message : String(error), remedy)];
  }
};

const checkKey = (key: ApiKey, now: number): CheckView =>
  key.expiresAt - now < soon
    ? warning(
        'api-key',
        `Your API key (…${key.hint}) expires ${inDays(key.expiresAt - now)}.`,
        'Make a new one: latchkey api-key create',
      )
    : ok('api-key', `Your API key (…${key.hint}) is good until ${new Date(key.expiresAt).toISOString().slice(0, 10)}.`);

const checkDomains = (proved: readonly string[]): CheckView =>
  proved.length === 0
    ? problem(
        'domains',
        'The organization has no domain, so nobody can sign in.',
        'Have an operator grant one: latchkey domain grant acme.com',
      )
    : ok('domains', `Proved: ${proved.join(', ')}.`);

const checkSettings = async (store: AdminPort, proved: readonly string[]): Promise<readonly CheckView[]> => {
  const draft = await store.findDraft();
  const active = await store.findActiveVersion();
  if (active === undefined) {
    return draft === undefined
      ? [problem('settings', 'No identity provider was set up.', 'latchkey idp add device --domains any --auto-provisioning on')]
      : [
          problem(
            'settings',
            'The settings were never activated, so nobody can sign in.',
            'latchkey settings diff, then latchkey activate',
          ),
        ];
  }
  const problems = validate(active.document, { provedDomains: proved });
  const pending = draft === undefined ? 0 : diff(active.document, draft.document).length;
  return [
    ...problems.map((each) =>
      (each.severity === 'error' ? problem : warning)(
        'settings',
        `Version ${active.version} is active. ${each.message}`,
        'latchkey settings show',
      ),
    ),
    ...(problems.length === 0 ? [ok('settings', `Version ${active.version} is active.`)] : []),
    ...(pending === 0
      ? []
      : [
          warning(
            'draft',
            `The draft has ${pending} ${pending === 1 ? 'change that is' : 'changes that are'} not live.`,
            'latchkey settings diff, then latchkey activate',
          ),
        ]),
  ];
};

const checkTokens = async (store: AdminPort, now: number): Promise<readonly CheckView[]> => {
  const live = (await store.listDeviceTokens({ limit: 1000 })).filter(
    (token) =>
      token.revokedAt === null &&
      token.expiresAt > now &&
      (token.maxEnrollments === null || token.enrollments < token.maxEnrollments),
  );
  if (live.length === 0) {
    return [
      warning(
        'device-tokens',
        'There is no live device token, so no new device can enroll.',
        'latchkey device-token create --enrollment approval --description "..."',
      ),
    ];
  }
  const expiring = live.filter((token) => token.rotatedTo === null && token.expiresAt - now < soon);
  return [
    ok('device-tokens', `${live.length} live.`),
    ...expiring.map((token) =>
      warning(
        'device-tokens',
        `The token "${token.description}" (…${token.hint}) expires ${inDays(token.expiresAt - now)}.`,
        `Make its successor and hand that to your MDM: latchkey device-token rotate ${token.id}`,
      ),
    ),
  ];
};

const checkDevices = async (store: AdminPort): Promise<readonly CheckView[]> => {
  const count = async (state: 'pending' | 'quarantined'): Promise<string | undefined> => {
    const { total, totalIsEstimate } = await store.totalDevices({ state });
    if (total === 0) return undefined;
    return total === 1 ? '1 device' : `${totalIsEstimate ? 'about ' : ''}${total} devices`;
  };
  const pending = await count('pending');
  const quarantined = await count('quarantined');
  return [
    ...(pending === undefined
      ? []
      : [warning('devices', `Waiting for approval: ${pending}.`, 'latchkey device list --state pending')]),
    ...(quarantined === undefined
      ? []
      : [warning('devices', `In quarantine: ${quarantined}.`, 'latchkey device list --state quarantined')]),
    ...(pending === undefined && quarantined === undefined ? [ok('devices', 'None waits for you.')] : []),
  ];
};

const checkOrganizations = async (storage: AdminStorage): Promise<CheckView> =>
  (await storage.server.listOrganizations({ limit: 1 })).length === 0
    ? warning('organizations', 'There is no organization yet.', 'latchkey org create "Acme" --domain acme.com')
    : ok('organizations', 'There is at least one organization.');

const order = ['ok', 'warning', 'problem'] as const;

/** Looks at everything the caller is responsible for, and says what to do where something is not right. */
export const diagnose = async (needs: DiagnoseNeeds, caller: Caller, key: ApiKey | undefined): Promise<DiagnosisView> => {
  const now = needs.now();
  const checks: CheckView[] = [await checkStorage(needs), checkOrigin(needs), ...checkCertificate(needs)];
  if (key !== undefined) {
    checks.push(checkKey(key, now));
    // A key for some areas is told of itself and of the server.
    if (!includesScope(key.scopes, 'all:read')) return report(checks, now);
  }
  if (caller.kind === 'operator') {
    if (caller.may('organization', 'read')) checks.push(await checkOrganizations(needs.storage));
  } else {
    const { read } = needs.storage.organization(caller.organizationId);
    const proved = await read.listProvedDomains();
    if (caller.may('organization', 'read')) checks.push(checkDomains(proved));
    if (caller.may('settings', 'read')) checks.push(...(await checkSettings(read, proved)));
    if (caller.may('device-tokens', 'read')) checks.push(...(await checkTokens(read, now)));
    if (caller.may('devices', 'read')) checks.push(...(await checkDevices(read)));
  }
  return report(checks, now);
};

const report = (checks: CheckView[], now: number): DiagnosisView => {
  const worst = Math.max(...checks.map(({ status }) => order.indexOf(status)));
  return { status: order[worst] ?? 'ok', at: new Date(now).toISOString(), checks };
};
