import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';
import { renderDocs } from './docs-page.ts';

let server: TestServer;
let page: string;
let policy: string;

beforeAll(async () => {
  server = await createTestServer();
  const answer = await server.app.inject('/api/docs');
  expect(answer.statusCode).toBe(200);
  page = answer.body;
  policy = String(answer.headers['content-security-policy']);
});
afterAll(() => server.close());

const all = (pattern: RegExp): readonly string[] => [...page.matchAll(pattern)].map(([, found = '']) => found);

test('every operation and every schema of the description is on the page', async () => {
  const api = (await server.app.inject('/api/openapi.json')).json();
  for (const [path, operations] of Object.entries<Record<string, { summary: string }>>(api.paths)) {
    const shown = page.replace(/<\/?b>/g, '').replaceAll('&#39;', "'");
    expect(shown).toContain(`<span class="path">${path}</span>`);
    for (const { summary } of Object.values(operations)) expect(shown).toContain(`<h3>${summary}</h3>`);
  }
  for (const name of Object.keys(api.components.schemas))
    expect(page).toMatch(new RegExp(`id="schema-${name.replace(/Input$/, '')}(Input)?"`));
});

test('every link leads to a place on the page, and no place is there twice', () => {
  const places = all(/ id="([^"]*)"/g);
  expect(places).toEqual([...new Set(places)]);
  for (const link of all(/ href="([^"]*)"/g)) {
    if (link === '/api/openapi.json') continue;
    expect(places).toContain(link.replace(/^#/, ''));
  }
});

test('nothing comes from elsewhere, nothing runs, and the policy lets only the style of the page through', () => {
  expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(| style="| on\w+="|(src|href)="https?:/);
  const [style = ''] = all(/<style>([\s\S]*?)<\/style>/g);
  expect(policy).toBe(
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
});

test('XSS: what stands in a description is text', () => {
  const evil = '<script>alert(1)</script>"\'&';
  const { page: made } = renderDocs({
    info: { title: evil, version: evil, description: evil },
    paths: { [`/${evil}`]: { get: { tags: [evil], summary: evil, description: evil, 'x-access': evil } } },
    components: { schemas: { A: { type: 'object', properties: { [evil]: { description: evil, enum: [evil] } } } } },
  });
  expect(made).not.toContain('<script>');
  expect(made).not.toMatch(/id="[^"]*[<>]/);
});
