import type { CheckView, DiagnosisView } from '@latchkey/contract';
import type { Command } from 'commander';
import { CliError, exit } from '../errors.ts';
import { safe } from '../output.ts';
import { act } from './shared.ts';

const marks = { ok: ['good', 'ok     '], warning: ['warn', 'warning'], problem: ['bad', 'problem'] } as const;
const order = ['ok', 'warning', 'problem'] as const;

/** Clocks that differ by more than this confuse people who compare logs. */
const tolerableSkew = 60_000;

export const addDoctor = (program: Command): void => {
  act(
    program
      .command('doctor')
      .summary('look at everything, and say what to do')
      .description(
        'Checks the server, your keys, and the organization: domains, settings, tokens, devices. Ends with 1 if something is a problem.',
      ),
    async (session) => {
      const callers = await session.callers();
      if (callers.length === 0) {
        throw new CliError('The profile has no key to ask with.', {
          hint: 'On a new server: latchkey setup. With a key you were given: latchkey login',
        });
      }
      const checks: (CheckView & { readonly as: string })[] = [];
      for (const { who, call } of callers) {
        const asked = Date.now();
        const { body } = await call<DiagnosisView>('GET', '/doctor');
        const skew = Date.parse(body.at) - (asked + Date.now()) / 2;
        const seen = new Set(checks.map(({ check }) => check));
        if (!seen.has('clock')) {
          checks.push({
            as: who,
            check: 'clock',
            ...(Math.abs(skew) > tolerableSkew
              ? {
                  status: 'warning' as const,
                  message: `The server's clock is ${Math.round(Math.abs(skew) / 1000)} seconds ${skew > 0 ? 'ahead of' : 'behind'} this machine's.`,
                  remedy: 'Let both keep time with NTP.',
                }
              : { status: 'ok' as const, message: "The server's clock agrees with this machine's.", remedy: null }),
          });
        }
        // What concerns the server is the same for every key.
        checks.push(
          ...body.checks.filter(({ check }) => check === 'api-key' || !seen.has(check)).map((check) => ({ as: who, ...check })),
        );
      }
      const worst = order[Math.max(...checks.map(({ status }) => order.indexOf(status)))] ?? 'ok';
      if (session.output.json) session.output.done({ status: worst, checks }, '');
      else {
        const { line, paint } = session.output;
        for (const { check, status, message, remedy, as } of checks) {
          const [color, text] = marks[status];
          line(`${paint(color, text)}  ${check}${check === 'api-key' ? ` (${safe(as)})` : ''}: ${safe(message)}`);
          if (remedy !== null) line(`         -> ${safe(remedy)}`);
        }
      }
      if (worst === 'problem') process.exitCode = exit.failure;
    },
  );
};
