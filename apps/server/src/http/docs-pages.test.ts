import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { docsPages } from './docs-pages.ts';
import { addressOf } from './markdown.ts';
import { createMetrics } from './metrics.ts';
import { createHttpServer } from './server.ts';

const open = async (folder: string) => {
  const http = createHttpServer({
    logger: pino({ level: 'silent' }),
    metrics: createMetrics(),
    trustedProxies: [],
    metricsToken: undefined,
    ready: async () => undefined,
  });
  await http.register(docsPages(folder));
  return (url: string) => http.inject({ method: 'GET', url });
};

describe('our own documents', () => {
  const folder = fileURLToPath(new URL('../../../../docs/', import.meta.url));
  const files = globSync('**/*.md', { cwd: folder });

  test('every one is a page; its links lead to pages and headings that are there', async () => {
    const get = await open(folder);
    const pages = new Map<string, string>();
    for (const file of files) {
      const { statusCode, headers, body } = await get(addressOf(file));
      expect([file, statusCode, headers['content-type']]).toEqual([file, 200, 'text/html; charset=utf-8']);
      pages.set(addressOf(file), body);
    }
    for (const [address, body] of pages) {
      for (const [, href = ''] of body.matchAll(/ href="([^"]*)"/g)) {
        const { pathname, hash, origin } = new URL(href, `http://here${address}`);
        if (origin !== 'http://here' || !pathname.startsWith('/docs')) continue;
        const target = pages.get(pathname);
        expect([address, href, target !== undefined]).toEqual([address, href, true]);
        if (hash !== '')
          expect([address, href, target]).toEqual([address, href, expect.stringContaining(` id="${decodeURI(hash.slice(1))}"`)]);
      }
      for (const [, src = ''] of body.matchAll(/ src="([^"]*)"/g)) {
        expect([src, (await get(src)).headers['content-type']]).toEqual([src, 'image/svg+xml']);
      }
    }
  });

  test('each guide and each page to look up is in the index', async () => {
    const index = (await (await open(folder))('/docs')).body;
    for (const file of files.filter((each) => /^(guides|reference)\//.test(each)))
      expect(index).toContain(`"${addressOf(file)}"`);
  });
});

describe('a page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-docs-'));
  beforeAll(() => {
    mkdirSync(join(folder, 'guides'));
    writeFileSync(join(folder, 'README.md'), '# Index\n\n## First\n\n- [One](guides/one.md): and [two](guides/two.md)\n');
    writeFileSync(join(folder, 'picture.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    writeFileSync(join(folder, 'secret.txt'), 'not a document');
    writeFileSync(
      join(folder, 'guides/one.md'),
      [
        '# One & `all`',
        '## A *part*',
        '## A part',
        '<script>alert(1)</script>',
        'text <b onclick="x">bold</b> [script](javascript:alert(1)) [data](data:text/html,x) [out](../../package.json)',
        '[two](two.md#there) [site](https://example.com/?a=1&b=2) ![picture](../picture.svg) ![foreign](https://example.com/x.png)',
        '```sh\necho "<&>"\n```',
      ].join('\n\n'),
    );
    writeFileSync(join(folder, 'guides/two.md'), '# Two\n\n| a | b |\n| --- | --- |\n| `x\\|y` | **z** |\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('runs nothing: HTML and addresses that are none of ours are text', async () => {
    const { body, headers } = await (await open(folder))('/docs/guides/one');
    const [, main = ''] = body.split('<main>');
    expect(main).toMatchInlineSnapshot(`
      "
      <h1>One &amp; <code>all</code></h1>
      <h2 id="a-part"><a href="#a-part">A <em>part</em></a></h2>
      <h2 id="a-part-1"><a href="#a-part-1">A part</a></h2>
      &lt;script&gt;alert(1)&lt;/script&gt;<p>text &lt;b onclick=&quot;x&quot;&gt;bold&lt;/b&gt; script data out</p>
      <p><a href="/docs/guides/two#there">two</a> <a href="https://example.com/?a=1&amp;b=2">site</a> <img src="/docs/picture.svg" alt="picture"> foreign</p>
      <pre tabindex="0"><code>echo &quot;&lt;&amp;&gt;&quot;</code></pre>
      </main>
      </body>
      </html>
      "
    `);
    expect(body).toContain('<title>One &amp; all · Latchkey</title>');
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
  });

  test('stands in the contents beside the others, with its own headings', async () => {
    const { body } = await (await open(folder))('/docs/guides/one/?from=console');
    expect(body).toContain(
      '<a href="/docs/guides/one" aria-current="page">One</a><ul><li><a href="#a-part">A part</a></li><li><a href="#a-part-1">A part</a></li></ul>',
    );
    expect(body).not.toContain('>Two</a>'); // one entry, one link
    expect((await (await open(folder))('/docs/guides/two')).body).toContain(
      '<div class="wide" tabindex="0"><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><code>x|y</code></td><td><strong>z</strong></td></tr></tbody></table></div>',
    );
  });

  test.each([
    '/docs/guides/none',
    '/docs/secret.txt',
    '/docs/../package.json',
    '/docs/%2e%2e/package.json',
    '/docs/guides/one.md',
    '/docs/guides',
  ])('what is not there, or no document, is said in words: %s', async (url) => {
    const { statusCode, body } = await (await open(folder))(url);
    expect(statusCode).toBe(404);
    expect(body).not.toContain(readFileSync(join(folder, 'secret.txt'), 'utf8'));
  });
});
