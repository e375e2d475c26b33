import type { SignInView } from '@latchkey/contract';
import { deviceErrorRemedies, deviceErrorTexts, isDeviceErrorCode } from '@latchkey/device';
import type { AuditEvent, SignInPort } from './store.ts';

type Kind = Pick<SignInView, 'kind' | 'result'>;

/** The actions that tell how an attempt of a device has ended. */
const endings: Readonly<Record<string, Kind>> = {
  'sign_in.accepted': { kind: 'sign_in', result: 'accepted' },
  'sign_in.asserted': { kind: 'sign_in', result: 'accepted' },
  'sign_in.refused': { kind: 'sign_in', result: 'refused' },
  'device.enrolled': { kind: 'enrollment', result: 'accepted' },
  'device.enrollment_refused': { kind: 'enrollment', result: 'refused' },
  'access_token.issued': { kind: 'access', result: 'accepted' },
  'access_token.refused': { kind: 'access', result: 'refused' },
  'gateway.refused': { kind: 'access', result: 'refused' },
};

export const isEnding = ({ action }: AuditEvent): boolean => Object.hasOwn(endings, action);

/** The actions of sign-ins and enrollments of that kind and with that result. */
export const actionsOf = (wanted: { readonly [Name in keyof Kind]?: Kind[Name] | undefined }): readonly string[] =>
  Object.entries(endings)
    .filter(([, { kind, result }]) => kind === (wanted.kind ?? kind) && kind !== 'access' && result === (wanted.result ?? result))
    .map(([action]) => action);

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const idIn = (who: string, noun: string): string | undefined =>
  who.startsWith(`${noun}:`) ? who.slice(noun.length + 1) : undefined;

/** What an audit event says of somebody's attempt to get in. */
export const describeSignIn = async (
  read: Pick<SignInPort, 'findDevice'>,
  ownServiceProvider: string,
  event: AuditEvent,
): Promise<SignInView> => {
  const { action, actor, subject, details, reason } = event;
  const deviceId = idIn(actor, 'device') ?? idIn(subject, 'device');
  const device = deviceId === undefined ? undefined : await read.findDevice(deviceId);
  const said = typeof details.parameters === 'object' ? (details.parameters as Readonly<Record<string, unknown>> | null) : null; // any object
  return {
    id: event.id,
    at: new Date(event.at).toISOString(),
    ...(endings[action] ?? { kind: 'other', result: event.outcome === 'refused' ? 'refused' : 'accepted' }),
    reason,
    explanation: isDeviceErrorCode(reason) ? { sentence: deviceErrorTexts[reason], remedy: deviceErrorRemedies[reason] } : null,
    userName: textOf(details.userName) ?? device?.userName ?? '',
    userId: idIn(subject, 'user') ?? device?.userId ?? null,
    deviceId: deviceId ?? null,
    hostName: device?.parameters.hostName ?? textOf(said?.hostName) ?? '',
    idp: textOf(details.idp) ?? null,
    target: textOf(details.audience) ?? (details.sp === ownServiceProvider ? null : (textOf(details.sp) ?? null)),
    remoteAddress: event.remoteAddress,
    correlationId: event.correlationId,
  };
};
