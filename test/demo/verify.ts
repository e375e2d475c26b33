/**
 * `node test/demo/verify.ts DIR`: looks at what `npm run demo -- --once --keep DIR` has left, without a line of Latchkey's own code:
 * xmlsec1 verifies every signed message, and the ids must chain from request to response, assertion, session and audit.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('Which folder? node test/demo/verify.ts DIR\n');
  process.exit(2);
}

let failed = 0;
const check = (what: string, good: boolean): void => {
  if (!good) failed++;
  process.stdout.write(`${good ? 'ok    ' : 'FAILED'}  ${what}\n`);
};
const read = (...path: readonly string[]): string => readFileSync(join(folder, ...path), 'utf8');

const scratch = mkdtempSync(join(tmpdir(), 'latchkey-verify-'));
/** The signing certificates of a metadata document, as PEM files. */
const certificatesIn = (name: string): readonly string[] =>
  [...read(name).matchAll(/<(?:\w+:)?X509Certificate>([^<]+)</g)].map(([, base64 = ''], index) => {
    const file = join(scratch, `${name}-${index}.pem`);
    const lines = base64.replace(/\s/g, '').replace(/.{64}/g, '$&\n');
    writeFileSync(file, `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`);
    return file;
  });

const signed = [
  ['--id-attr:ID', 'urn:oasis:names:tc:SAML:2.0:protocol:AuthnRequest'],
  ['--id-attr:ID', 'urn:oasis:names:tc:SAML:2.0:protocol:Response'],
  ['--id-attr:ID', 'urn:oasis:names:tc:SAML:2.0:assertion:Assertion'],
].flat();

const xmlsecVerifies = (file: string, certificates: readonly string[]): boolean =>
  certificates.some((certificate) => {
    const { status, error } = spawnSync('xmlsec1', ['--verify', '--pubkey-cert-pem', certificate, ...signed, file], {
      encoding: 'utf8',
    });
    if (error !== undefined) throw new Error('xmlsec1 is needed: apt-get install xmlsec1');
    return status === 0;
  });

const attribute = (text: string, element: string, name: string): string | undefined =>
  new RegExp(`<(?:[\\w-]+:)?${element}\\b[^>]*?\\s${name}="([^"]*)"`).exec(text)?.[1];

interface SignIn {
  readonly userName: string;
  readonly request: string;
  readonly response: string;
  readonly assertion: string;
  readonly session: string;
}
const story: {
  readonly users: readonly { readonly id: string; readonly userName: string }[];
  readonly signIns: Readonly<Record<string, SignIn>>;
  readonly refused: { readonly userName: string; readonly reason: string };
} = JSON.parse(read('story.json'));
const audit = read('audit.ndjson')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

const spKeys = certificatesIn('sp-metadata.xml');
const idpKeys = certificatesIn('idp-metadata.xml');

for (const { userName, ...ids } of Object.values(story.signIns)) {
  const machine = userName.split('@')[0] ?? '';
  const messages = readdirSync(join(folder, machine, 'messages')).sort();
  const message = (kind: string): string => join(machine, 'messages', messages.find((name) => name.includes(kind)) ?? kind);
  for (const [kind, keys, what] of [
    ['paos-request', spKeys, 'AuthnRequest from the SP'],
    ['soap-authn-request', spKeys, 'AuthnRequest to the IdP'],
    ['soap-response', idpKeys, 'Assertion from the IdP'],
    ['paos-response', idpKeys, 'Assertion to the SP'],
  ] as const) {
    check(`${userName}: xmlsec1 verifies the ${what}`, xmlsecVerifies(join(folder, message(kind)), keys));
  }
  const asked = read(message('paos-request'));
  const answered = read(message('paos-response'));
  check(`${userName}: the request is ${ids.request}`, attribute(asked, 'AuthnRequest', 'ID') === ids.request);
  check(
    `${userName}: Response and SubjectConfirmationData answer it (InResponseTo)`,
    attribute(answered, 'Response', 'InResponseTo') === ids.request &&
      attribute(answered, 'SubjectConfirmationData', 'InResponseTo') === ids.request,
  );
  check(`${userName}: the assertion is ${ids.assertion}`, attribute(answered, 'Assertion', 'ID') === ids.assertion);
  check(`${userName}: the assertion names the user`, new RegExp(`<(?:\\w+:)?NameID[^>]*>${userName}<`).test(answered));
  const accepted = audit.find((event) => event.action === 'sign_in.accepted' && event.details.assertion === ids.assertion);
  check(
    `${userName}: the audit leads from request and assertion to ${ids.session}`,
    accepted?.details.request === ids.request && accepted?.details.session === ids.session,
  );
  check(
    `${userName}: the account was made`,
    story.users.some((user) => user.userName === userName && accepted?.subject === `user:${user.id}`),
  );
}

const refusal = audit.find((event) => event.outcome === 'refused' && event.details.userName === story.refused.userName);
check(`${story.refused.userName}: a refusal was audited (${story.refused.reason})`, refusal?.reason === story.refused.reason);
check(`${story.refused.userName}: there is no account`, !story.users.some((user) => user.userName === story.refused.userName));
check(
  `${story.refused.userName}: nothing of a sign-in is in the audit`,
  !audit.some((event) => event.action.startsWith('sign_in.') && event.details.userName === story.refused.userName),
);

rmSync(scratch, { recursive: true });
process.stdout.write(failed === 0 ? 'All of it is true.\n' : `${failed} FAILED\n`);
process.exitCode = failed === 0 ? 0 : 1;
