import type { Source } from '@latchkey/directory';
import { ScimError } from '@latchkey/scim';

/** Somebody has the name: this source, or another one. */
export const nameTaken = (what: 'user' | 'group', name: string, holder: { readonly source: Source }, by: Source): ScimError =>
  holder.source === by
    ? new ScimError('uniqueness', `There is a ${what} "${name}" already.`)
    : new ScimError(
        'uniqueness',
        `There is a ${what} "${name}" already, and "${holder.source}" owns it. Take the ${what} over by switching adoption on (latchkey scim enable ${by.slice(5)} --adoption on), delete it there, or leave it out of the provisioning.`,
      );
