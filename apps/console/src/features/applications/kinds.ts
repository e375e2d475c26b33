import type { ApplicationView } from '@latchkey/contract';

export const kinds = ['gateway', 'saml', 'api'] as const satisfies readonly ApplicationView['kind'][];
export type Kind = (typeof kinds)[number];

export const evidenceLevels = ['E0', 'E1', 'E2', 'E3', 'E4'] as const satisfies readonly ApplicationView['minEvidence'][];

/** The one of them that a text is. */
export const oneOf = <Each extends string>(all: readonly Each[], text: string): Each | undefined =>
  all.find((each) => each === text);
