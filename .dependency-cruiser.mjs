/**
 * Who may import whom. Core thinks, apps do; a slice stands alone; only app.ts knows everybody.
 * Tests (`*.test.ts`, and `test-*.ts` beside them) wire things together as app.ts does, so the rules between slices are not for them;
 * test/ and bench/ may import anything. Each rule has a planted violation in test/house/check.test.ts.
 */

const tests = '([.]test|/test-[a-z-]+)[.]ts$';
const server = '^apps/server/src/';
/** A slice is any folder of the server but the three that all of it shares. */
const slice = `${server}(?!http/|keys/|storage/)([^/]+)/`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'core-imports-no-app',
      comment: 'A core is pure and knows nobody who uses it. Hand the thing in as an argument.',
      severity: 'error',
      from: { path: '^core/' },
      to: { path: '^apps/' },
    },
    {
      name: 'core-imports-no-core',
      comment:
        'Cores stand alone, so that each can be read, tested and used alone. Let the app carry the value from one to the other.',
      severity: 'error',
      from: { path: '^core/([^/]+)/', pathNot: tests },
      to: { path: '^core/', pathNot: '^core/$1/' },
    },
    {
      name: 'core-imports-no-node',
      comment: 'No I/O, clock or cryptography of its own in a core: apps make these from Node and hand them in.',
      severity: 'error',
      from: { path: '^core/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-imports-no-package',
      comment: 'A core has no dependency. Only core/contract has one, zod, because its schemas are made of it.',
      severity: 'error',
      from: { path: '^core/', pathNot: ['^core/contract/', tests] },
      to: { path: 'node_modules/' },
    },
    {
      name: 'contract-imports-only-zod',
      comment: 'core/contract is loaded by server, agent, CLI and console: zod and nothing else.',
      severity: 'error',
      from: { path: '^core/contract/', pathNot: tests },
      to: { path: 'node_modules/', pathNot: 'node_modules/zod/' },
    },
    {
      name: 'slice-imports-no-slice',
      comment:
        'A slice is handed functions by app.ts; it never reaches into another. Ask for what you need in your own store.ts.',
      severity: 'error',
      from: { path: slice, pathNot: tests },
      to: { path: slice, pathNot: `${server}$1/` },
    },
    {
      name: 'slice-imports-no-storage',
      comment: 'A slice declares the port it needs in its store.ts; storage implements it; app.ts joins the two.',
      severity: 'error',
      from: { path: slice, pathNot: tests },
      to: { path: `${server}storage/` },
    },
    {
      name: 'slice-imports-only-shared-keys',
      comment: 'Of keys/ a slice may use the node:crypto adapters; keys themselves are handed to it.',
      severity: 'error',
      from: { path: slice, pathNot: tests },
      to: { path: `${server}keys/`, pathNot: `${server}keys/node-crypto[.]ts$` },
    },
    {
      name: 'storage-imports-only-types',
      comment: 'Storage implements the ports: of a slice it knows the types and nothing that runs, no rule, route or key.',
      severity: 'error',
      from: { path: `${server}storage/`, pathNot: tests },
      to: { path: server, pathNot: [`${server}storage/`, `${server}ids[.]ts$`], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'shared-imports-no-slice',
      comment: 'http/, keys/ and the files every slice may use must not know a slice or the storage.',
      severity: 'error',
      from: { path: [`${server}(http|keys)/`, `${server}[^/]+[.]ts$`], pathNot: [`${server}app[.]ts$`, tests] },
      to: { path: [slice, `${server}storage/`] },
    },
    {
      name: 'nobody-imports-app',
      comment: 'app.ts is the one place that knows everybody; only main.ts (and tests) may start it.',
      severity: 'error',
      from: { path: server, pathNot: [`${server}main[.]ts$`, tests] },
      to: { path: `${server}(app|main)[.]ts$` },
    },
    {
      name: 'apps-enter-a-core-by-its-index',
      comment: 'What a core offers stands in its index.ts; the rest may change without notice.',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^core/', pathNot: '^core/[^/]+/src/index[.]ts$' },
    },
    {
      name: 'app-imports-no-app',
      comment:
        'Apps meet over HTTP only, by the schemas of core/contract. They share how they start, keep-compiled.ts, and no more.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: ['^apps/$1/', '^apps/keep-compiled[.]ts$'] },
    },
    {
      name: 'product-imports-no-test',
      comment: 'What ships does not lean on tests, benchmarks or tools.',
      severity: 'error',
      from: { path: '^(core|apps)/', pathNot: tests },
      to: { path: ['^(test|bench|tools)/', tests] },
    },
    {
      name: 'product-imports-only-listed-packages',
      comment:
        'List it in the dependencies of this workspace: what is there by luck or for development is not installed in production.',
      severity: 'error',
      from: { path: '^(core|apps)/', pathNot: ['^apps/console/', tests] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'console-imports-only-listed-packages',
      comment: 'List it in apps/console: as a development dependency, because the console is bundled before it ships.',
      severity: 'error',
      from: { path: '^apps/console/', pathNot: tests },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'console-feature-imports-no-feature',
      comment: 'A feature stands alone, as a slice of the server does. What two of them need is a component.',
      severity: 'error',
      from: { path: '^apps/console/src/features/([^/]+)/' },
      to: { path: '^apps/console/src/features/', pathNot: '^apps/console/src/features/$1/' },
    },
    {
      name: 'console-shared-imports-no-feature',
      comment: 'Components, and what features import of app/, know no feature; only router.tsx and the shell do.',
      severity: 'error',
      from: { path: '^apps/console/src/(components|app)/', pathNot: ['^apps/console/src/app/(router[.]tsx$|shell/)'] },
      to: { path: '^apps/console/src/features/' },
    },
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or a third is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'This import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // The swc parser sees type imports too. With tsPreCompilationDeps dependency-cruiser would leave swc for tsc.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    // scim-peers are installed, and run, elsewhere.
    exclude: { path: ['[.](tsbuildinfo|json)$', '^apps/console/[.]?dist', '^bench/scim-peers/'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
