import { pipeline, type Readable } from 'node:stream';
import { DirectoryError, type DirectoryLimits, type ImportColumn, readHeader, readRow } from '@latchkey/directory';
import { CsvError, parse } from 'csv-parse';
import type { Act } from '../http/caller.ts';
import { Problem } from '../http/problem.ts';
import type { Import, ImportLine, ImportStorage } from './import-store.ts';

/** Lines of one transaction. */
const atOnce = 100;
/** For which nobody else takes the upload for dead. */
const leaseMilliseconds = 60_000;
const maxBytes = 512 * 1024 * 1024;
const maxRecord = 128 * 1024;

const refuse = (title: string, detail: string): Problem => new Problem(400, 'csv_invalid', title, detail);

/** The text of an upload, which must be UTF-8. */
async function* decode(body: Readable, count: (bytes: number) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw refuse('The file is too large.', `A file has ${maxBytes >> 20} MiB at most; split it.`);
      count(bytes);
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw refuse('The file is not UTF-8.', 'Save it as "CSV UTF-8" and send it again.');
  }
}

const toProblem = (error: unknown, line: number): unknown => {
  if (error instanceof DirectoryError) return refuse('The file cannot be read.', error.message);
  if (error instanceof CsvError) {
    return refuse('The file cannot be read.', `Line ${line}, or the record that begins there: ${error.message}.`);
  }
  return error;
};

/**
 * Takes a CSV file in, line by line, with what is wrong with each. Nothing of the directory changes: the lines are compared with it in the
 * background (run-imports.ts), and carried out when somebody says so.
 */
export const uploadImport = async (
  needs: {
    readonly storage: ImportStorage;
    readonly limits: DirectoryLimits;
    readonly newId: (prefix: string) => string;
    readonly randomId: () => string;
    readonly now: () => number;
  },
  act: Act,
  input: {
    readonly organizationId: string;
    readonly fileName: string;
    readonly existing: 'override' | 'error';
    readonly body: Readable;
  },
): Promise<Import> => {
  const organization = needs.storage.organization(input.organizationId);
  const domains = await organization.read.listProvedDomains();
  let job: Import = {
    id: needs.newId('imp'),
    fileName: input.fileName,
    existing: input.existing,
    state: 'uploading',
    reason: '',
    bytes: 0,
    rows: 0,
    done: 0,
    position: undefined,
    counts: { add: 0, modify: 0, delete: 0, none: 0, error: 0, skipped: 0 },
    columns: [],
    newSets: [],
    createdAt: needs.now(),
    createdBy: act.actor,
    appliedBy: '',
    decidedAt: undefined,
    endedAt: undefined,
    lease: needs.randomId(),
    leaseUntil: needs.now() + leaseMilliseconds,
  };
  await organization.transaction((store) => store.insertImport(job));

  /** Writes lines and where it stands; false if the import was called off. */
  const save = (change: Partial<Import>, lines: readonly ImportLine[] = []): Promise<boolean> =>
    organization.transaction(async (store) => {
      const next: Import = { ...job, leaseUntil: needs.now() + leaseMilliseconds, ...change };
      if (!(await store.saveImport(next, job))) return false;
      await store.insertLines(job.id, lines);
      job = next;
      return true;
    });
  const calledOff = (): Problem => new Problem(409, 'import_cancelled', 'This import was cancelled.', 'Upload the file again.');

  let bytes = 0;
  let line = 1;
  try {
    let columns: readonly ImportColumn[] | undefined;
    let some: ImportLine[] = [];
    const flush = async (): Promise<void> => {
      const errors = some.filter(({ change }) => change === 'error').length;
      const counts = { ...job.counts, error: job.counts.error + errors };
      if (!(await save({ bytes, rows: job.rows + some.length, counts, columns: columns ?? [] }, some))) throw calledOff();
      some = [];
    };
    const parser = parse({ relax_column_count: true, skip_empty_lines: true, info: true, max_record_size: maxRecord });
    const text = decode(input.body, (count) => {
      bytes = count;
    });
    // What the source throws is thrown here, and the other way round.
    pipeline(text, parser, () => {});
    for await (const each of parser) {
      const { record, info } = each as { readonly record: readonly string[]; readonly info: { readonly lines: number } }; // by `info`
      if (columns === undefined) columns = readHeader(record);
      else {
        const read = readRow(columns, record, { domains, groupsPerUser: needs.limits.groupsPerUser });
        some.push(
          read.kind === 'row'
            ? { line, userNameKey: read.row.userNameKey, row: read.row, change: 'new', problems: [] }
            : { line, userNameKey: read.userNameKey, row: undefined, change: 'error', problems: read.problems },
        );
        if (job.rows + some.length > needs.limits.importRows) {
          throw refuse('The file has too many lines.', `A file has ${needs.limits.importRows} at most; split it.`);
        }
        if (some.length >= atOnce) await flush();
      }
      line = info.lines + 1;
    }
    if (columns === undefined)
      throw refuse('The file is empty.', 'Its first line names the columns, as in userName,displayName,department.');
    await flush();
    if (job.rows === 0)
      throw refuse('The file has no users.', 'Below the line with the names of the columns comes a line for each user.');
    if (!(await save({ state: 'checking', lease: '', leaseUntil: needs.now() }))) throw calledOff();
    return job;
  } catch (error) {
    await save({ state: 'cancelling', reason: 'upload_refused', lease: '', leaseUntil: needs.now() });
    throw toProblem(error, line);
  }
};
