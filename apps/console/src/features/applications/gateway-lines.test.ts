import { expect, test } from 'vitest';
import { nginxFiles, nginxLines } from './gateway-lines.ts';

const lines = nginxLines({ id: 'app_77', identifier: 'https://docs.acme.com:8443' });

test('the lines of the guide are about the application, and about nothing of the example', () => {
  expect(lines).toContain('server_name docs.acme.com;');
  expect(lines).toContain('listen 8443 ssl;');
  expect(lines).toContain('verify?application=app_77;');
  expect(lines).not.toMatch(/app_0192|wiki|evidence=/);
});

test('a site of this machine listens where its origin says, without TLS', () => {
  expect(nginxLines({ id: 'app_77', identifier: 'http://localhost:8080' })).toContain('listen 8080;');
});

test('every file that they include comes with them', () => {
  const included = [...lines.matchAll(/include latchkey\/([\w.-]+);/g)].map(([, name]) => name);
  expect(included.toSorted()).toEqual(Object.keys(nginxFiles).toSorted());
  for (const file of Object.values(nginxFiles)) expect(file.length).toBeGreaterThan(100);
});
