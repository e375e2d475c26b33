import type { ApiKeyView } from '@latchkey/contract';
import type { Tone } from '../../components/state.tsx';

export const tones: Readonly<Record<ApiKeyView['state'], Tone>> = { live: 'good', expired: 'calm', revoked: 'calm' };
