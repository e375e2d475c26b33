import { type Device, type DeviceState, type PublicJwk, transitions } from '@latchkey/device';
import { foldText, foldUserName } from '@latchkey/directory';
import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely';
import type { Cut, Found, Total } from '../found.ts';
import type { Running } from '../sign-in/session.ts';
import { compileOnce } from './compile-once.ts';
import type { Database, DevicesTable } from './schema.ts';
import { begins, type Condition, countAll, equals, findRows, isSampled, type Range } from './search.ts';

/** Which devices are meant; all filters must match. */
export interface DeviceFilter extends Cut {
  readonly state?: DeviceState;
  /** Folded user name. */
  readonly userNameKey?: string;
  /** Beginning of a user name, host name or serial number, in any case. */
  readonly q?: string;
  /** Only those with a session that runs at `at` and was begun after `since`. */
  readonly signedIn?: Running;
}

/** A machine by what it says of itself; '' is no mark. */
export interface MachineMarks {
  readonly machineId: string;
  readonly serial: string;
  readonly hostName: string;
  readonly userName: string;
}

const liveStates: readonly DeviceState[] = ['registered', 'unregistered', 'removal_pending'];
// Said by what they are not, so that no planner takes the index of states where the other condition is the narrow one.
const notLive: readonly DeviceState[] = ['pending', 'denied', 'removed', 'quarantined'];
const notFormer: readonly DeviceState[] = ['pending', 'registered', 'unregistered'];

const toDevice = (row: Selectable<DevicesTable>): Device => ({
  id: row.id,
  jkt: row.jkt,
  publicKey: JSON.parse(row.public_key) as PublicJwk, // written by toRow
  userName: row.user_name,
  userId: row.user_id ?? undefined,
  state: row.state,
  stateReason: row.state_reason,
  evidence: row.evidence,
  tokenId: row.token_id,
  parameters: JSON.parse(row.parameters) as Record<string, string>, // written by toRow
  joinState: { counter: row.counter, id: row.join_id },
  previousJoinId: row.previous_join_id,
  badProofs: row.bad_proofs,
  badProofsSince: row.bad_proofs_since,
  remoteAddress: row.remote_address,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  lastSeenAt: row.last_seen_at,
});

/** Machine id and serial number are not among these: they stay as enrolled. */
const parameterColumns = (parameters: Device['parameters']) => ({
  parameters: JSON.stringify(parameters),
  host_name: parameters.hostName ?? '',
  host_name_key: foldText(parameters.hostName ?? ''),
  external_device_id: parameters.externalDeviceId ?? '',
});

const toRow = (device: Device, organizationId: string): DevicesTable => ({
  id: device.id,
  organization_id: organizationId,
  jkt: device.jkt,
  public_key: JSON.stringify(device.publicKey),
  user_name: device.userName,
  user_name_key: foldUserName(device.userName).userNameKey,
  user_id: device.userId ?? null,
  state: device.state,
  state_reason: device.stateReason,
  evidence: device.evidence,
  token_id: device.tokenId,
  ...parameterColumns(device.parameters),
  machine_id: device.parameters.machineId ?? '',
  serial: device.parameters.serial ?? '',
  serial_key: foldText(device.parameters.serial ?? ''),
  sampled: isSampled(device.id),
  counter: device.joinState.counter,
  join_id: device.joinState.id,
  previous_join_id: device.previousJoinId,
  bad_proofs: device.badProofs,
  bad_proofs_since: device.badProofsSince,
  remote_address: device.remoteAddress,
  created_at: device.createdAt,
  updated_at: device.updatedAt,
  last_seen_at: device.lastSeenAt,
});

const selectDevice = compileOnce((db, organizationId: string, id: string) =>
  db.selectFrom('devices').selectAll().where('organization_id', '=', organizationId).where('id', '=', id),
);

const updateSignIn = compileOnce(
  (
    db,
    counter: number,
    join_id: string,
    previous_join_id: string,
    remote_address: string,
    last_seen_at: number,
    organizationId: string,
    id: string,
  ) =>
    db
      .updateTable('devices')
      .set({ counter, join_id, previous_join_id, bad_proofs: 0, remote_address, last_seen_at })
      .where('organization_id', '=', organizationId)
      .where('id', '=', id),
  { answer: 'unread' },
);

export const deviceQueries = (db: Kysely<Database>, organizationId: string) => {
  const own = () => db.selectFrom('devices').selectAll().where('organization_id', '=', organizationId);
  const change = (id: string) => db.updateTable('devices').where('organization_id', '=', organizationId).where('id', '=', id);

  const rangesOf = ({ q, state, userNameKey, signedIn }: Omit<DeviceFilter, keyof Cut>): readonly Range[] => {
    const organization = equals('organization_id', organizationId);
    const inState = state === undefined ? [] : [equals('state', state)];
    const common = { table: 'devices', sample: [organization] } as const;
    const running: readonly Condition[] =
      signedIn === undefined
        ? []
        : [
            sql`exists (select 1 from sessions where sessions.device_id = devices.id and sessions.organization_id = ${organizationId}
              and ended_at is null and expires_at > ${signedIn.at} and sessions.created_at > ${signedIn.since})`,
          ];
    if (q === undefined || q === '') {
      return userNameKey === undefined
        ? [{ ...common, key: ['id'], driving: [organization, ...inState], rest: running }]
        : [
            {
              ...common,
              key: ['id'],
              driving: [organization, equals('user_name_key', userNameKey)],
              rest: [...inState, ...running],
            },
          ];
    }
    const text = foldText(q);
    const rest = [...inState, ...running, ...(userNameKey === undefined ? [] : [equals('user_name_key', userNameKey)])];
    return ['user_name_key', 'host_name_key', 'serial_key'].map((column, index, columns) => ({
      ...common,
      key: [column, 'id'],
      begins: text,
      driving: [organization],
      // What was found by one of the columns before is not found again.
      rest: [...rest, ...columns.slice(0, index).map((before) => sql<SqlBool>`not ${begins(before, text)}`)],
    }));
  };

  return {
    findDevice: async (id: string): Promise<Device | undefined> => {
      const [row] = (await selectDevice(db, organizationId, id)).rows;
      return row && toDevice(row);
    },

    findDeviceByKey: async (jkt: string): Promise<Device | undefined> => {
      const row = await own().where('jkt', '=', jkt).executeTakeFirst();
      return row && toDevice(row);
    },

    /** The enrolled device that has this serial number; several devices may have none. */
    findLiveDeviceBySerial: async (serial: string): Promise<Device | undefined> => {
      if (serial === '') return undefined;
      const row = await own().where('serial', '=', serial).where('state', 'not in', notLive).executeTakeFirst();
      return row && toDevice(row);
    },

    /** A device of the same machine, or of the same user on the same host, that was denied, removed or put in quarantine. */
    findFormerDevice: async (marks: MachineMarks): Promise<Device | undefined> => {
      // One query for each mark: an `or` over three indexes is served by none of them.
      const former = () => own().where('state', 'not in', notFormer).limit(1);
      const { userNameKey } = foldUserName(marks.userName);
      const rows = await Promise.all([
        marks.hostName === ''
          ? undefined
          : former().where('user_name_key', '=', userNameKey).where('host_name', '=', marks.hostName).executeTakeFirst(),
        marks.machineId === '' ? undefined : former().where('machine_id', '=', marks.machineId).executeTakeFirst(),
        marks.serial === '' ? undefined : former().where('serial', '=', marks.serial).executeTakeFirst(),
      ]);
      const row = rows.find((each) => each !== undefined);
      return row && toDevice(row);
    },

    /** How many devices of this user are in use or wait to be. */
    countUserDevices: async (userName: string): Promise<number> => {
      const row = await db
        .selectFrom('devices')
        .select((select) => select.fn.countAll<number | string>().as('count'))
        .where('organization_id', '=', organizationId)
        .where('user_name_key', '=', foldUserName(userName).userNameKey)
        .where('state', 'in', ['pending', ...liveStates])
        .executeTakeFirst();
      return Number(row?.count ?? 0);
    },

    /** In the order of enrollment; with `q` by user name, then those found by host name, then those found by serial number. */
    searchDevices: async (filter: DeviceFilter): Promise<Found<Device>> => {
      const { items, next } = await findRows(db, sql<Selectable<DevicesTable>>`devices.*`, rangesOf(filter), filter);
      return { items: items.map(toDevice), next };
    },

    totalDevices: (filter: Omit<DeviceFilter, keyof Cut>): Promise<Total> => countAll(db, rangesOf(filter)),

    /** False if the key is enrolled already, or the serial number belongs to a live device. */
    insertDevice: async (device: Device): Promise<boolean> => {
      const result = await db
        .insertInto('devices')
        .values(toRow(device, organizationId))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    /**
     * Moves a device along one edge of its state machine (device-binding §7); false if it is no longer in the state the decision
     * was made for. Another move is a mistake of ours.
     */
    changeDeviceState: async (
      id: string,
      from: DeviceState,
      to: { readonly state: DeviceState; readonly reason: string; readonly at: number },
    ): Promise<boolean> => {
      if (!Object.values(transitions[from]).includes(to.state)) throw new TypeError(`no device goes from ${from} to ${to.state}`);
      const result = await change(id)
        .where('state', '=', from)
        .set({ state: to.state, state_reason: to.reason, updated_at: to.at })
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    /** Keeps what a good sign-in proof leaves behind. */
    saveSignIn: async (
      id: string,
      next: Pick<Device, 'joinState' | 'previousJoinId' | 'remoteAddress' | 'lastSeenAt'>,
    ): Promise<void> => {
      const { joinState, previousJoinId, remoteAddress, lastSeenAt } = next;
      await updateSignIn(db, joinState.counter, joinState.id, previousJoinId, remoteAddress, lastSeenAt, organizationId, id);
    },

    /** Starts the join state again (after a quarantine): nothing handed out before is taken any more. */
    resetJoinState: async (id: string, joinId: string): Promise<void> => {
      await change(id).set({ counter: 0, join_id: joinId, previous_join_id: '', bad_proofs: 0 }).executeTakeFirst();
    },

    saveBadProofs: async (id: string, badProofs: number, since: number): Promise<void> => {
      await change(id).set({ bad_proofs: badProofs, bad_proofs_since: since }).executeTakeFirst();
    },

    /** A sign of life. */
    saveDeviceSeen: async (
      id: string,
      seen: Pick<Device, 'parameters' | 'remoteAddress' | 'lastSeenAt'> & { readonly forgetsSerial?: boolean },
    ): Promise<void> => {
      await change(id)
        .set({
          ...parameterColumns(seen.parameters),
          ...(seen.forgetsSerial === true ? { serial: '', serial_key: '' } : {}),
          remote_address: seen.remoteAddress,
          last_seen_at: seen.lastSeenAt,
        })
        .executeTakeFirst();
    },

    saveDeviceUser: async (id: string, userId: string): Promise<void> => {
      await change(id).set({ user_id: userId }).executeTakeFirst();
    },
  };
};

export const deviceServerQueries = (db: Kysely<Database>) => ({
  /** The organization a device belongs to; it never changes. */
  findDeviceOrganization: async (id: string): Promise<string | undefined> =>
    (await db.selectFrom('devices').select('organization_id').where('id', '=', id).executeTakeFirst())?.organization_id,
});
