import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';

const problemsOf = (environment: Readonly<Record<string, string>>): readonly string[] => {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

test('without any setting the server listens on loopback and keeps its data in ./data', () => {
  expect(loadConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 8700,
    dataFolder: join(process.cwd(), 'data'),
    trustedProxies: [],
    dnsServers: [],
  });
});

test('the environment overrules the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify({ port: 1234, host: '10.0.0.1' }));
  expect(loadConfig({ LATCHKEY_CONFIG: file, LATCHKEY_PORT: '4321' })).toMatchObject({ port: 4321, host: '10.0.0.1' });
  rmSync(folder, { recursive: true });
});

test('every problem is reported at once, each with where it was set', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify({ prot: 1, logLevel: 'loud' }));
  const problems = problemsOf({ LATCHKEY_CONFIG: file, LATCHKEY_PORT: '70000', LATCHKEY_ORIGIN: 'https://id.acme.com/path' });
  rmSync(folder, { recursive: true });
  expect(problems).toHaveLength(4);
  expect(problems.join('\n')).toContain(`${file}: "prot" is not a setting.`);
  expect(problems.join('\n')).toMatch(/LATCHKEY_PORT: .*65535/);
  expect(problems.join('\n')).toContain('LATCHKEY_ORIGIN: must be an origin');
  expect(problems.join('\n')).toContain(`${file}: logLevel`);
});

test('a file that cannot be read or is no JSON object is a problem, not a crash', () => {
  expect(problemsOf({ LATCHKEY_CONFIG: '/nowhere/config.json' })).toHaveLength(1);
});

test.each(['http://id.acme.com', 'ftp://localhost', 'id.acme.com', 'https://id.acme.com/', 'https://u:p@id.acme.com'])(
  'an origin devices cannot trust is refused: %s',
  (origin) => expect(problemsOf({ LATCHKEY_ORIGIN: origin })).not.toEqual([]),
);

test.each(['https://id.acme.com', 'https://id.acme.com:8443', 'http://localhost:8700', 'http://127.0.0.1:1', 'http://[::1]:1'])(
  'an origin is taken: %s',
  (origin) => expect(loadConfig({ LATCHKEY_ORIGIN: origin }).origin).toBe(origin),
);

test('a secret is read from the file that _FILE names; both ways at once, or a file that is not there, is a problem', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
  const file = join(folder, 'token');
  writeFileSync(file, 'a token of the monitoring\n');
  expect(loadConfig({ LATCHKEY_METRICS_TOKEN_FILE: file }).metricsToken).toBe('a token of the monitoring');
  expect(problemsOf({ LATCHKEY_METRICS_TOKEN_FILE: file, LATCHKEY_METRICS_TOKEN: 'another token for it' })).toEqual([
    'LATCHKEY_METRICS_TOKEN and LATCHKEY_METRICS_TOKEN_FILE: set one of the two.',
  ]);
  writeFileSync(file, 'short\n');
  expect(problemsOf({ LATCHKEY_METRICS_TOKEN_FILE: file }).join()).toMatch(/^LATCHKEY_METRICS_TOKEN_FILE: .*16/);
  rmSync(folder, { recursive: true });
  expect(problemsOf({ LATCHKEY_METRICS_TOKEN_FILE: file }).join()).toContain('LATCHKEY_METRICS_TOKEN_FILE: ENOENT');
});

test('TLS needs the certificate and its key', () => {
  expect(loadConfig({}).tls).toBeUndefined();
  expect(problemsOf({ LATCHKEY_TLS_CERTIFICATE_FILE: '/tls.crt' })).toHaveLength(1);
  expect(loadConfig({ LATCHKEY_TLS_CERTIFICATE_FILE: '/tls.crt', LATCHKEY_TLS_KEY_FILE: '/tls.key' }).tls).toEqual({
    certificateFile: '/tls.crt',
    keyFile: '/tls.key',
  });
});

test.each(['9.9.9.9', '127.0.0.1:5353', '2001:db8::1', '[2001:db8::1]:53, 9.9.9.9'])('%s are name servers', (text) => {
  expect(loadConfig({ LATCHKEY_DNS_SERVERS: text }).dnsServers).toEqual(text.split(', '));
});

test.each(['dns.example', '9.9.9.9:', '9.9.9', '[9.9.9.9'])('%s is no name server', (text) => {
  expect(() => loadConfig({ LATCHKEY_DNS_SERVERS: text })).toThrow(/LATCHKEY_DNS_SERVERS: must be IP addresses/);
});

test('the database is SQLite in the data folder, or the PostgreSQL of LATCHKEY_DATABASE_URL or DATABASE_URL', () => {
  expect(loadConfig({ LATCHKEY_DATA: '/var/lib/x' }).databaseUrl).toBe('sqlite:/var/lib/x/latchkey.db');
  expect(loadConfig({ DATABASE_URL: 'postgres://db/other' }).databaseUrl).toBe('postgres://db/other');
  const both = { DATABASE_URL: 'postgres://db/other', LATCHKEY_DATABASE_URL: 'postgresql://u:p@db/latchkey?sslmode=verify-full' };
  expect(loadConfig(both).databaseUrl).toBe(both.LATCHKEY_DATABASE_URL);
  expect(problemsOf({ DATABASE_URL: 'mysql://db' })).toEqual([
    'DATABASE_URL: write it as postgres://user:password@host/database.',
  ]);
});
