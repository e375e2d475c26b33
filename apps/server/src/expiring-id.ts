import { equalInConstantTime } from './keys/node-crypto.ts';
import { randomOctets } from './random-octets.ts';

/**
 * 6 octets of the time at which it ends and 16 random ones. The time comes first so that those which are used up are stored side by side:
 * keys all over an index make every transaction write pages of its own.
 */
const BODY_OCTETS = 22;
const BODY_LENGTH = 30;
const TIME_OCTETS = 6;

/** Random text that only we can have made, that knows when it ends and what it is for. No row is kept for it until it is used. */
export interface ExpiringIds {
  readonly create: (...boundTo: readonly string[]) => string;
  /** When it ends; undefined if it has ended, is not ours, or is bound to something else. */
  readonly read: (id: string, ...boundTo: readonly string[]) => number | undefined;
}

/** Ids of one kind (`purpose`), which end after `seconds`. What they are bound to must not contain spaces. */
export const expiringIds = (needs: {
  readonly purpose: string;
  readonly seconds: number;
  readonly mac: (purpose: string, text: string) => string;
  readonly now: () => number;
}): ExpiringIds => {
  const macOf = (body: string, boundTo: readonly string[]): string => needs.mac(needs.purpose, [body, ...boundTo].join(' '));
  return {
    create: (...boundTo) => {
      const bytes = randomOctets(BODY_OCTETS);
      bytes.writeUIntBE(needs.now() + needs.seconds * 1000, 0, TIME_OCTETS);
      const body = bytes.toString('base64url');
      return body + macOf(body, boundTo);
    },
    read: (id, ...boundTo) => {
      const body = id.slice(0, BODY_LENGTH);
      if (!equalInConstantTime(id.slice(BODY_LENGTH), macOf(body, boundTo))) return undefined;
      const expiresAt = Buffer.from(body, 'base64url').readUIntBE(0, TIME_OCTETS);
      return needs.now() < expiresAt ? expiresAt : undefined;
    },
  };
};
