import type { EvidenceLevel } from './device.ts';

/** device-binding §3, weakest first. */
export const evidenceLevels: readonly EvidenceLevel[] = ['E0', 'E1', 'E2', 'E3', 'E4'];

export const meetsEvidence = (level: EvidenceLevel, minimum: EvidenceLevel): boolean =>
  evidenceLevels.indexOf(level) >= evidenceLevels.indexOf(minimum);
