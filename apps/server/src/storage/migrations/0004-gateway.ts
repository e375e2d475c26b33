import type { Migration } from './migration.ts';

/** Applications behind the gateway may take bearer tokens. */
export const gateway: Migration = {
  name: '0004-gateway',
  statements: () => ['alter table applications add column allow_bearer integer not null default 0'],
};
