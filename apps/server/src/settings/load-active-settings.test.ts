import { type CompiledSettings, readSettings, route, type SettingsDocument } from '@latchkey/settings';
import { describe, expect, test } from 'vitest';
import { Problem } from '../http/problem.ts';
import { loadActiveSettings } from './load-active-settings.ts';

const document = (status: 'enabled' | 'disabled'): SettingsDocument =>
  readSettings({
    identityProviders: [{ id: 'device', kind: 'device', name: 'Devices', status, domains: 'any', autoProvisioning: true }],
    defaultIdp: 'device',
  });

/** A store whose content and health the test decides. */
const fake = () => {
  const state = {
    now: 0,
    version: undefined as number | undefined,
    status: 'enabled' as 'enabled' | 'disabled',
    domains: ['acme.com'] as readonly string[],
    down: false,
    reads: 0,
    gate: Promise.resolve(),
  };
  const answer = async <T>(value: () => T): Promise<T> => {
    state.reads += 1;
    const found = value();
    await state.gate;
    if (state.down) throw new Error('the store is down');
    return found;
  };
  const active = loadActiveSettings({
    monotonicNow: () => state.now,
    storage: {
      organization: () => ({
        read: {
          findActiveVersionNumber: () => answer(() => state.version),
          listProvedDomains: () => answer(() => state.domains),
          findActiveVersion: () =>
            answer(() =>
              state.version === undefined
                ? undefined
                : { version: state.version, document: document(state.status), activatedAt: 0, activatedBy: '', comment: '' },
            ),
        },
      }),
    },
  });
  return { state, active, kind: async () => shown(await active.activeSettings('org_1')) };
};

const shown = (settings: CompiledSettings | undefined): string => {
  const found = route(settings, 'acme.com');
  return found.kind === 'none' ? found.reason : found.kind;
};

describe('the active settings in memory', () => {
  test('are undefined until something is activated, and there at once after', async () => {
    const { state, active, kind } = fake();
    expect(await kind()).toBe('not_activated');
    state.version = 1;
    active.forget('org_1');
    expect(await kind()).toBe('device');
  });

  test('are not asked for again within a second', async () => {
    const { state, kind } = fake();
    state.version = 1;
    await kind();
    const { reads } = state;
    state.now = 999;
    expect(await kind()).toBe('device');
    expect(state.reads).toBe(reads);
  });

  test('follow an activation on another node within 2 s (design §3)', async () => {
    const { state, kind } = fake();
    state.version = 1;
    await kind();
    state.version = 2;
    state.status = 'disabled';
    state.now = 1000;
    expect(await kind()).toBe('idp_disabled');
  });

  test('follow a domain that is taken away, though nothing was activated', async () => {
    const { state, kind } = fake();
    state.version = 1;
    await kind();
    state.domains = [];
    state.now = 1000;
    expect(await kind()).toBe('domain_unknown');
  });

  test('that cannot be confirmed are used for 5 s, then refused with 503 (design §3)', async () => {
    const { state, kind } = fake();
    state.version = 1;
    await kind();
    state.down = true;
    state.now = 4999;
    expect(await kind()).toBe('device');
    state.now = 5000;
    await expect(kind()).rejects.toMatchObject({ status: 503, code: 'unavailable' });
    await expect(kind()).rejects.toBeInstanceOf(Problem);
    state.down = false;
    expect(await kind()).toBe('device');
  });

  test('of an organization never asked for are refused while the store is down', async () => {
    const { state, kind } = fake();
    state.down = true;
    await expect(kind()).rejects.toMatchObject({ status: 503 });
  });

  test('many questions at once are one look at the store', async () => {
    const { state, kind } = fake();
    state.version = 1;
    await Promise.all(Array.from({ length: 50 }, kind));
    expect(state.reads).toBe(3);
  });

  test('an answer from before an activation does not outlive it', async () => {
    const { state, active, kind } = fake();
    state.version = 1;
    let open = (): void => undefined;
    state.gate = new Promise((resolve) => {
      open = resolve;
    });
    const early = kind();
    state.version = 2;
    state.status = 'disabled';
    active.forget('org_1');
    open();
    await early;
    expect(await kind()).toBe('idp_disabled');
  });
});
