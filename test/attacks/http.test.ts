import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { attackDevices } from './at-devices.ts';
import { attackIdentityProvider } from './at-identity-provider.ts';
import { attackServiceProvider } from './at-service-provider.ts';
import { classes, judgedClasses, table } from './judge.ts';
import { startTarget } from './target.ts';

const target = await startTarget();
const acme = await target.createOrganization('acme.example');
const other = await target.createOrganization('other.example');
afterAll(async () => {
  await target.close();
  console.log(`${table()}\n\n${memory}`);
});

let memory = '';
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const megabytes = (octets: number): string => `${(octets / 1e6).toFixed(1)} MB`;

attackDevices(target, acme, other);
await attackIdentityProvider(target, acme, other);
await attackServiceProvider(target, acme, other);

test('memory stays flat while the heaviest messages come again and again', async () => {
  const post = (body: string) =>
    target.exchange({ method: 'POST', path: acme.acs, headers: { 'content-type': 'application/vnd.paos+xml' }, body });
  const heavy = [
    '<x>'.repeat(63) + '<x/>'.repeat(1900) + '</x>'.repeat(63),
    `<x>${'y'.repeat(261_000)}</x>`,
    `<x ${Array.from({ length: 10_000 }, (_, index) => `a${index}=""`).join(' ')}/>`,
    `<x>${'&#x41;'.repeat(43_000)}</x>`,
    '<'.repeat(262_144),
    'z'.repeat(2_000_000),
  ];
  const round = async (): Promise<number> => {
    for (let index = 0; index < 20; index += 1) for (const body of heavy) await post(body);
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const sizes = [];
  for (let index = 0; index < 4; index += 1) sizes.push(await round());
  const [first = 0, ...others] = sizes;
  memory = `Heap after each of four rounds of 120 heavy messages: ${sizes.map(megabytes).join(', ')}; resident: ${megabytes(process.memoryUsage().rss)}.`;
  expect(Math.max(...others) - first).toBeLessThan(16_000_000);
});

test('every class has been tried, and the server is well', async () => {
  expect([...judgedClasses()].sort((a, b) => a - b)).toEqual([...classes.keys()]);
  expect((await target.exchange({ method: 'GET', path: '/readyz' })).status).toBe(200);
  expect(target.errors).toEqual([]);
});
