import type { SigningKeyView } from '@latchkey/contract';

const SOON = 90 * 86_400_000;

/** A key that signs, and whose certificate ends within 90 days (or has ended). */
export const endsSoon = ({ state, validUntil }: Pick<SigningKeyView, 'state' | 'validUntil'>, now: number): boolean =>
  state === 'active' && Date.parse(validUntil) - now < SOON;
