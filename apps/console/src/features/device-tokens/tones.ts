import type { DeviceTokenView } from '@latchkey/contract';
import type { Tone } from '../../components/state.tsx';

export const tones: Readonly<Record<DeviceTokenView['state'], Tone>> = {
  live: 'good',
  expired: 'calm',
  revoked: 'calm',
  spent: 'warn',
};
