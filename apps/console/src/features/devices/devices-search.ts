import type { DeviceView } from '@latchkey/contract';

/** What of the list stands in the URL. */
export interface DevicesSearch {
  readonly state?: DeviceView['state'];
  readonly q?: string;
  /** The id of the one that is open. */
  readonly open?: string;
}
