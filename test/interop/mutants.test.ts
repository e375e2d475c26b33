import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SamlError } from '../../core/saml/src/errors.ts';
import type { SamlKeyPair } from '../kit/saml-keys.ts';
import { harmful, harmless, wrapping } from './mutants-kinds.ts';
import { type Source, sources } from './mutants-sources.ts';
import { NothingToPick, parse, pick, randomFrom, write } from './mutants-tree.ts';
import { hasPrograms, run } from './programs.ts';

const COUNT = 10_000;
const seed = Number(process.env.MUTANTS_SEED ?? Date.now() % 1_000_000_000);
const random = randomFrom(seed);

const folder = mkdtempSync(join(tmpdir(), 'latchkey-mutants-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const put = (name: string, content: string): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

const IDS = ['assertion:Assertion', 'protocol:Response', 'protocol:AuthnRequest'].flatMap((name) => [
  '--id-attr:ID',
  `urn:oasis:names:tc:SAML:2.0:${name}`,
]);

const signWithXmlsec1 = (text: string, key: SamlKeyPair): string => {
  const files = `${put('key.pem', key.privatePem)},${put('certificate.pem', key.certificatePem)}`;
  const { status, stdout, stderr } = run('xmlsec1', ['--sign', '--privkey-pem', files, ...IDS, put('template.xml', text)]);
  if (status !== 0) throw new Error(stderr);
  return stdout;
};

interface Mutant {
  readonly source: Source;
  readonly kind: string;
  readonly text: string;
}

const families = [
  // Each as often as it stands here.
  ...Array<typeof harmless>(5).fill(harmless),
  ...Array<typeof harmless>(3).fill(wrapping),
  ...Array<typeof harmless>(2).fill(harmful),
];

const mutate = (source: Source): Mutant => {
  const document = parse(source.text);
  const kinds: string[] = [];
  for (const wanted = random() < 0.6 ? 1 : 2; kinds.length < wanted; ) {
    const family = pick(random, families);
    const [kind, change] = pick(random, Object.entries(family));
    try {
      change(document, random);
      kinds.push(kind);
    } catch (error) {
      if (!(error instanceof NothingToPick)) throw error;
    }
  }
  return { source, kind: kinds.sort().join(' + '), text: write(document, random, pick(random, [0, 0, 0.1, 0.5])) };
};

/** How many of the files xmlsec1 verifies before the first that it does not: there it stops. */
const verifiedOf = (certificate: string, files: readonly string[]): Promise<number> =>
  new Promise((resolve) => {
    const options = ['--verify', '--pubkey-cert-pem', certificate, '--enabled-key-data', 'rsa,ec', ...IDS];
    execFile('xmlsec1', [...options, ...files], { encoding: 'utf8', maxBuffer: 1 << 26 }, (_error, stdout, stderr) => {
      resolve(`${stdout}\n${stderr}`.split('\n').filter((line) => line === 'OK').length);
    });
  });

/** xmlsec1's verdict on each text. */
const judgeWithXmlsec1 = async (mutants: readonly Mutant[]): Promise<readonly boolean[]> => {
  const verdicts = Array<boolean>(mutants.length).fill(false);
  const bySource = Map.groupBy(mutants.keys(), (index) => mutants[index]?.source.name ?? '');
  const batches: { readonly certificate: string; readonly indexes: readonly number[] }[] = [];
  for (const indexes of bySource.values()) {
    const source = mutants[indexes[0] ?? 0]?.source;
    const certificate = put(`certificate${batches.length}.pem`, source?.certificatePem ?? '');
    for (let at = 0; at < indexes.length; at += 100) batches.push({ certificate, indexes: indexes.slice(at, at + 100) });
  }
  const worker = async (): Promise<void> => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      const { certificate, indexes } = batch;
      const files = indexes.map((index) => put(`mutant${index}.xml`, mutants[index]?.text ?? ''));
      for (let at = 0; at < files.length; ) {
        const verified = await verifiedOf(certificate, files.slice(at));
        for (const index of indexes.slice(at, at + verified)) verdicts[index] = true;
        at += verified + 1;
      }
      for (const file of files) rmSync(file);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return verdicts;
};

/** The verdicts against each other; then how many of each message and of each kind there were, and how many each of us accepted. */
const tableOf = (mutants: readonly Mutant[], accepted: readonly boolean[], theirs: readonly boolean[]): string => {
  const count = (verified: boolean, we: boolean): string =>
    String(theirs.filter((verdict, index) => verdict === verified && accepted[index] === we).length).padStart(12);
  const rows = (namesOf: (mutant: Mutant) => readonly string[]): string[] => {
    const names = [...new Set(mutants.flatMap(namesOf))].sort();
    return names.map((name) => {
      const own = mutants.flatMap((mutant, index) => (namesOf(mutant).includes(name) ? [index] : []));
      const numbers = [own.length, ...[theirs, accepted].map((verdicts) => own.filter((index) => verdicts[index]).length)];
      return `  ${name.padEnd(36)}${numbers.map((number) => String(number).padStart(9)).join('')}`;
    });
  };
  return [
    `${mutants.length} mutants, seed ${seed} (MUTANTS_SEED). xmlsec1 verifies a signature wherever it stands; we accept a message only whole.`,
    '',
    `  ${' '.repeat(16)}${'we accept'.padStart(12)}${'we refuse'.padStart(12)}`,
    `  xmlsec1: good   ${count(true, true)}${count(true, false)}`,
    `  xmlsec1: bad    ${count(false, true)}${count(false, false)}`,
    ...mutants.flatMap(({ kind, source }, index) =>
      accepted[index] && !theirs[index] ? [`  accepted by us alone: ${kind} of ${source.name}`] : [],
    ),
    '',
    `  ${' '.repeat(36)}${['mutants', 'xmlsec1', 'we'].map((title) => title.padStart(9)).join('')}`,
    ...rows(({ source }) => [source.name]),
    '',
    ...rows(({ kind }) => kind.split(' + ')),
  ].join('\n');
};

describe.skipIf(!hasPrograms('xmlsec1'))('mutants of real messages (saml-attacks)', () => {
  test(`${COUNT} of them: what we accept says what the original says`, { timeout: 600_000 }, async () => {
    const started = performance.now();
    const real = await sources(signWithXmlsec1);
    const originals = new Map<Source, string>();
    for (const source of real) originals.set(source, source.read(source.text));
    expect(await judgeWithXmlsec1(real.map((source) => ({ source, kind: '', text: source.text })))).toEqual(real.map(() => true));

    const mutants: Mutant[] = [];
    const texts = new Set(real.map(({ text }) => text));
    while (mutants.length < COUNT) {
      const mutant = mutate(pick(random, real));
      if (texts.has(mutant.text)) continue;
      texts.add(mutant.text);
      mutants.push(mutant);
    }

    const accepted: boolean[] = [];
    let slowest = 0;
    for (const { source, kind, text } of mutants) {
      const at = performance.now();
      let said: string | undefined;
      try {
        said = source.read(text);
      } catch (error) {
        if (!(error instanceof SamlError))
          throw new Error(`${kind} of ${source.name}: ${String(error)}\n${text}`, { cause: error });
      }
      slowest = Math.max(slowest, performance.now() - at);
      if (said !== undefined)
        expect(said, `${kind} of ${source.name}: accepted as another one\n${text}`).toBe(originals.get(source));
      accepted.push(said !== undefined);
    }
    const ours = performance.now() - started;
    const theirs = await judgeWithXmlsec1(mutants);

    const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
    console.log(
      `${tableOf(mutants, accepted, theirs)}\n\nAccepted as another one: 0. Slowest of ours: ${slowest.toFixed(1)} ms. ` +
        `${seconds(ours)} for ours, ${seconds(performance.now() - started)} in all.`,
    );
    expect(theirs.filter((verdict) => verdict).length).toBeGreaterThanOrEqual(COUNT / 5);
    expect(accepted.filter((verdict) => verdict).length).toBeGreaterThanOrEqual(COUNT / 10);
  });
});
