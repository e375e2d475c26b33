import { describe, expect, test } from 'vitest';
import { engines, openTestStorage } from '../storage/test-engines.ts';
import { attemptLimit } from './limit-attempts.ts';

describe.each(engines)('failed attempts on %s', (engine) => {
  const name = 'account:a' as const;

  const open = async () => {
    const storage = await openTestStorage(engine);
    const clock = { at: 1_763_800_000_000 };
    const now = () => clock.at;
    // Two nodes of one database.
    return { clock, one: attemptLimit({ storage, now }), two: attemptLimit({ storage, now }) };
  };

  test('count over all nodes', async () => {
    const { one, two } = await open();
    await Promise.all([one, two, one, two, one].map((node) => node.begin([name])));
    for (const node of [one, two]) await expect(node.begin([name])).rejects.toMatchObject({ code: 'too_many_attempts' });
  });

  test('are put back if the step was right, and do not make the next one wait', async () => {
    const { one, two, clock } = await open();
    for (let at = 0; at < 5; at += 1) await one.begin([name]);
    clock.at += 30_000;
    const right = await two.begin([name]);
    await two.undo(right);
    await expect(one.begin([name])).resolves.toBeDefined();
    await expect(one.begin([name])).rejects.toMatchObject({ extensions: { retryAfter: 60 } });
  });

  test('are forgotten when the person came in, but not those of the address', async () => {
    const { one, two } = await open();
    const names = [name, 'address:192.0.2.1'] as const;
    for (let at = 0; at < 4; at += 1) await one.begin(names);
    await two.clear(await one.begin(names));
    for (let at = 0; at < 5; at += 1) await one.begin([name]);
    for (let at = 0; at < 21; at += 1) await one.begin(['address:192.0.2.1']);
    await expect(one.begin(['address:192.0.2.1'])).rejects.toMatchObject({ code: 'too_many_attempts' });
  });

  test('are forgotten after a day', async () => {
    const { one, clock } = await open();
    for (let at = 0; at < 5; at += 1) await one.begin([name]);
    clock.at += 24 * 3_600_000;
    for (let at = 0; at < 5; at += 1) await one.begin([name]);
  });
});
