import { SamlError } from '../errors.ts';

/** The moment a message is judged at, and how far the clocks of the two sides may differ. */
export interface Clock {
  readonly now: Date;
  readonly skewSeconds: number;
}

/** saml-core §2.5.1.2: valid while NotBefore <= now + skew. */
export function expectBegun(notBefore: Date | undefined, { now, skewSeconds }: Clock, what: string): void {
  if (notBefore !== undefined && notBefore.getTime() > now.getTime() + skewSeconds * 1000) {
    throw new SamlError('not_yet_valid', `${what} is not valid yet: compare the clocks`);
  }
}

/** saml-core §2.5.1.2: valid while now < NotOnOrAfter + skew. */
export function expectNotOver(notOnOrAfter: Date | undefined, { now, skewSeconds }: Clock, what: string): void {
  if (notOnOrAfter !== undefined && now.getTime() >= notOnOrAfter.getTime() + skewSeconds * 1000) {
    throw new SamlError('expired', `${what} is not valid any more`);
  }
}
