import type { Parameters } from './device.ts';
import { DeviceError } from './errors.ts';
import { isObject } from './jws.ts';

/** What an agent may say of its machine; self-asserted. Other names are dropped, so that a newer agent may say more. */
export const parameterNames = [
  'loginName',
  'hostName',
  'osName',
  'osVersion',
  'machineId',
  'serial',
  'agentVersion',
  'externalDeviceId',
] as const;

export type ParameterName = (typeof parameterNames)[number];

/** What an organization may choose not to know. The others say what runs where, and mark a machine without naming it. */
export const optionalParameterNames = ['loginName', 'hostName', 'serial', 'externalDeviceId'] as const;

const isOptional = (name: string): boolean => optionalParameterNames.some((each) => each === name);

/**
 * What is left of an agent's parameters when an organization collects no more than these of the optional ones; `undefined`: all of them.
 *
 * @example keepCollected({ hostName: 'laptop', osName: 'Debian' }, []) // { osName: 'Debian' }
 */
export const keepCollected = (parameters: Parameters, collected: readonly string[] | undefined): Parameters =>
  collected === undefined
    ? parameters
    : Object.fromEntries(Object.entries(parameters).filter(([name]) => !isOptional(name) || collected.includes(name)));

const MAX_LENGTH = 256;
// XML 1.0 §2.2 could not carry them either, and nobody should see them in a console.
const FORBIDDEN = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

export const isPlainText = (value: unknown, maxLength: number): value is string =>
  typeof value === 'string' && value.length <= maxLength && !FORBIDDEN.test(value);

export const parseParameters = (value: unknown): Parameters => {
  if (!isObject(value)) throw new DeviceError('parameters_invalid', 'parameters must be an object');
  const parameters: Record<string, string> = {};
  for (const name of parameterNames) {
    const given = value[name];
    if (given === undefined || given === '') continue;
    if (!isPlainText(given, MAX_LENGTH)) {
      throw new DeviceError(
        'parameters_invalid',
        `${name} must be text of at most ${MAX_LENGTH} characters without control characters`,
      );
    }
    parameters[name] = given;
  }
  return parameters;
};
