import { decodeBase64urlText, encodeBase64urlText } from './base64url.ts';
import { readPayload, readText } from './claims.ts';
import type { Parameters } from './device.ts';
import { DeviceError } from './errors.ts';
import { parseParameters } from './parameters.ts';

/** What an agent says of itself to our own SP before anything is proven: the header `Latchkey-Claim`. */
export interface AgentClaim {
  readonly userName: string;
  readonly deviceId: string;
  readonly parameters: Parameters;
}

export const formatClaim = ({ userName, deviceId, parameters }: AgentClaim): string =>
  encodeBase64urlText(JSON.stringify({ userName, deviceId, parameters }));

const MAX_LENGTH = 8 * 1024;

export const parseClaim = (header: string): AgentClaim => {
  if (header.length > MAX_LENGTH)
    throw new DeviceError('proof_malformed', `Latchkey-Claim is longer than ${MAX_LENGTH} characters`);
  let value: unknown;
  try {
    value = JSON.parse(decodeBase64urlText(header));
  } catch (cause) {
    throw new DeviceError('proof_malformed', 'Latchkey-Claim is not base64url of JSON', { cause });
  }
  const claim = readPayload(value);
  return {
    userName: readText(claim, 'userName', 512),
    deviceId: readText(claim, 'deviceId', 128),
    parameters: parseParameters(claim.parameters ?? {}),
  };
};
