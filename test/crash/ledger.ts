import { DatabaseSync } from 'node:sqlite';

export const stateName = (caller: number): string => `state ${caller}`;
export const rowName = (caller: number, count: number): string => `row ${caller} ${count}.`;

/** The highest count that was answered to (or read by) anybody, for each caller. */
export type Ledger = Map<number, number>;

/** Enters a line of the writer. */
export const enter = (ledger: Ledger, line: string): void => {
  const [kind, caller, count] = line.split(' ');
  if (kind !== 'written' && kind !== 'read') return;
  ledger.set(Number(caller), Math.max(ledger.get(Number(caller)) ?? 0, Number(count)));
};

/** What is wrong with a database after a crash, one sentence each: damage, something answered that is gone, half a transaction. */
export const findLosses = (path: string, ledger: Ledger): readonly string[] => {
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path);
  } catch (error) {
    return [`it does not open: ${error}`];
  }
  try {
    database.exec('pragma synchronous=off');
    const losses = database
      .prepare('pragma integrity_check')
      .all()
      .map((row) => String(row.integrity_check))
      .filter((text) => text !== 'ok');
    const facts = new Map(
      database
        .prepare('select name, value from server_facts')
        .all()
        .map(({ name, value }) => [String(name), String(value)]),
    );
    let rows = 0;
    for (const [caller, answered] of ledger) {
      const count = Number(facts.get(stateName(caller)) ?? 0);
      if (count < answered) losses.push(`caller ${caller}: ${answered} was answered, ${count} is there`);
      for (let i = 1; i <= count; i += 1) if (!facts.has(rowName(caller, i))) losses.push(`caller ${caller}: no row ${i}`);
      rows += count + (facts.has(stateName(caller)) ? 1 : 0);
    }
    if (rows !== facts.size) losses.push(`${facts.size} rows instead of ${rows}: half a transaction`);
    return losses;
  } catch (error) {
    return [`it cannot be read: ${error}`];
  } finally {
    database.close();
  }
};
