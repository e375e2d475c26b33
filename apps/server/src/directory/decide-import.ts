import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { Import, ImportPort, ImportStorage } from './import-store.ts';

interface Needs {
  readonly storage: ImportStorage;
  readonly now: () => number;
}

interface Which {
  readonly organizationId: string;
  readonly importId: string;
}

export const importUnknown = (): Problem => new Problem(404, 'import_unknown', 'There is no such import.');

const get = async (store: ImportPort, id: string): Promise<Import> => {
  const found = await store.findImport(id);
  if (found === undefined) throw importUnknown();
  return found;
};

const moved = (): Problem => new Problem(409, 'import_changed', 'This import has just gone on.', 'Look at it again.');

/** Has a previewed import carried out, in the background. */
export const applyImport = async (needs: Needs, act: Act, input: Which & { readonly skipErrors: boolean }): Promise<Import> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const job = await get(store, input.importId);
    if (job.state !== 'ready') {
      throw new Problem(409, 'import_not_ready', `This import is ${job.state}; one that is ready can be applied.`);
    }
    const { error } = job.counts;
    if (error > 0 && !input.skipErrors) {
      throw new Problem(
        409,
        'import_has_errors',
        `${error} of ${job.rows} lines cannot be carried out.`,
        'Mend them (GET .../errors lists them) and upload the file again, or apply the others with "skipErrors".',
      );
    }
    if (await store.isImporting()) {
      throw new Problem(409, 'import_running', 'Another import is being carried out.', 'Try again when it has ended.');
    }
    const next: Import = {
      ...job,
      state: 'preparing',
      done: 0,
      position: undefined,
      appliedBy: act.actor,
      leaseUntil: needs.now(),
    };
    if (!(await store.saveImport(next, job))) throw moved();
    return next;
  });

/** Calls an import off: what it has prepared is removed, and nobody has seen it. Once decided it is finished. */
export const cancelImport = async (needs: Needs, act: Act, input: Which): Promise<Import> =>
  needs.storage.organization(input.organizationId).transaction(async (store) => {
    const job = await get(store, input.importId);
    if (job.state === 'cancelling' || job.state === 'cancelled') return job;
    if (job.endedAt !== undefined || job.decidedAt !== undefined) {
      throw new Problem(
        409,
        'import_decided',
        `This import is ${job.state}: it cannot be cancelled any more.`,
        'Export the users and import what is to be different.',
      );
    }
    const next: Import = { ...job, state: 'cancelling', reason: 'cancelled', done: 0, lease: '', leaseUntil: needs.now() };
    if (!(await store.saveImport(next, job))) throw moved();
    await store.appendAuditEvent({
      ...act,
      action: 'import.cancelled',
      outcome: 'success',
      reason: '',
      subject: `import:${job.id}`,
      details: { fileName: job.fileName, before: job.state, after: next.state },
    });
    return next;
  });
