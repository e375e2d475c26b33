import { exportColumns, exportRow, foldUserName, writeCsvLine } from '@latchkey/directory';
import type { Cut, Position } from '../found.ts';
import type { ImportPort } from './import-store.ts';
import type { UserFilter } from './store.ts';

const batch = 200;

/** Every user that matches, as a CSV file that an import takes back; read in batches, so that neither memory nor the store is held. */
export async function* exportUsers(read: ImportPort, filter: Omit<UserFilter, keyof Cut>): AsyncGenerator<string> {
  yield writeCsvLine([...exportColumns]);
  let after: Position | undefined;
  do {
    const { items, next } = await read.searchUsers({ ...filter, limit: batch, ...(after === undefined ? {} : { after }) });
    const present = await read.findPresent(items.map(({ userName }) => foldUserName(userName).userNameKey));
    const groups = await read.groups.findAll([...new Set(present.flatMap((each) => each.groups))]);
    const departments = await read.departments.findAll([...new Set(items.flatMap(({ departmentId }) => departmentId ?? []))]);
    yield items
      .map((user) => {
        const ids = present.find((each) => each.user.id === user.id)?.groups ?? [];
        return exportRow(user, {
          department: departments.find(({ id }) => id === user.departmentId)?.name ?? '',
          groups: groups.filter(({ id }) => ids.includes(id)).map(({ name }) => name),
        });
      })
      .join('');
    after = next;
  } while (after !== undefined);
}
