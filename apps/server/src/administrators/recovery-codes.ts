import { base32 } from './totp.ts';

const COUNT = 10;
/** 56 bits, of which the server counts the attempts: twelve characters. */
const OCTETS = 7;

interface RecoveryCodeNeeds {
  readonly randomOctets: (length: number) => Buffer;
  /** Keyed hash. */
  readonly hashRecoveryCode: (code: string) => string;
}

/** One way to write it: however it was typed. */
const fold = (code: string): string => code.toLowerCase().replaceAll(/[^a-z2-7]/g, '');

/** The hash of a code of this administrator. */
export const hashOfRecoveryCode = (
  needs: Pick<RecoveryCodeNeeds, 'hashRecoveryCode'>,
  administratorId: string,
  code: string,
): string => needs.hashRecoveryCode(`${administratorId} ${fold(code)}`);

/** New codes, as `abcd-efgh-ijkl`, and what is kept of them. */
export const createRecoveryCodes = (
  needs: RecoveryCodeNeeds,
  administratorId: string,
): { readonly codes: string[]; readonly hashes: string[] } => {
  const codes = Array.from({ length: COUNT }, () =>
    base32(needs.randomOctets(OCTETS))
      .toLowerCase()
      .replace(/^(.{4})(.{4})/, '$1-$2-'),
  );
  return { codes, hashes: codes.map((code) => hashOfRecoveryCode(needs, administratorId, code)) };
};
