import type { AdministratorView } from '@latchkey/contract';

/** What somebody has set up beside the password. */
export const factorsOf = ({
  hasPasskey,
  hasTotp,
}: Pick<AdministratorView, 'hasPasskey' | 'hasTotp'>): readonly ('passkey' | 'totp')[] => [
  ...(hasPasskey ? (['passkey'] as const) : []),
  ...(hasTotp ? (['totp'] as const) : []),
];
