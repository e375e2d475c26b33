#!/usr/bin/env node
// Plain JavaScript on purpose: an older Node must be able to parse it and say what is missing.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(`latchkey needs Node 24 or newer, and this is Node ${process.versions.node}: run it with "npx latchkey".`);
  process.exit(2);
}
const { keepCompiled } = await import('../../keep-compiled.ts');
keepCompiled();
await import('../src/main.ts');
