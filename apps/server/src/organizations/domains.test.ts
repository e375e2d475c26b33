import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startNameServer, type TestNameServer } from '../../../../test/kit/dns.ts';
import { createTestServer, type TestServer } from '../../../../test/kit/server.ts';
import { txtResolver } from './resolve-txt.ts';

const hour = 3_600_000;
const day = 24 * hour;

let dns: TestNameServer;
let server: TestServer;
let acme: Awaited<ReturnType<TestServer['createOrganization']>>;
let rival: typeof acme;
let count = 0;
let name: string;

beforeAll(async () => {
  dns = await startNameServer();
  server = await createTestServer({ resolveTxt: txtResolver([dns.address]) });
});
afterAll(async () => {
  await server.close();
  await dns.close();
});
beforeEach(async () => {
  count += 1;
  name = `claimed${count}.example`;
  acme = await server.createOrganization(`acme${count}.example`);
  rival = await server.createOrganization(`rival${count}.example`);
});

type Organization = typeof acme;

const call = async (organization: Organization, method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, key?: string) => {
  const answer = await server.app.inject({
    method,
    url: `/api/v1/organizations/${organization.id}${path}`,
    headers: { authorization: `Bearer ${key ?? (await organization.createApiKey())}` },
  });
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
};
const claim = async (organization: Organization) => (await call(organization, 'PUT', `/domains/${name}`)).body;
const verify = async (organization: Organization) => (await call(organization, 'POST', `/domains/${name}/verify`)).body;
const publish = (...claims: readonly { record: { name: string; value: string } }[]): void => {
  dns.records.set(
    `_latchkey-challenge.${name}`,
    claims.map(({ record }) => record.value),
  );
};
const proved = async (organization: Organization) => (await organization.storage.read.listProvedDomains()).includes(name);
const actions = async (organization: Organization) =>
  (await organization.audit()).filter(({ subject }) => subject === `domain:${name}`).map(({ action }) => action);

describe('a claim', () => {
  test('says which record proves it, and reserves nothing', async () => {
    const made = await claim(acme);
    expect(made).toMatchObject({
      name,
      state: 'claimed',
      proof: 'none',
      record: { type: 'TXT', name: `_latchkey-challenge.${name}`, value: expect.stringMatching(/^latchkey-domain=[\w-]{43}$/) },
    });
    expect(await claim(rival)).toMatchObject({ state: 'claimed' });
    expect(await proved(acme)).toBe(false);
    expect(await claim(acme)).toEqual(made);
    expect(await actions(acme)).toEqual(['domain.claimed']);
  });

  test('is folded, and what is no domain is refused', async () => {
    expect((await call(acme, 'PUT', `/domains/${name.toUpperCase()}`)).body).toMatchObject({ name });
    expect(await call(acme, 'PUT', '/domains/not_a_domain')).toMatchObject({ status: 400, body: { code: 'domain_invalid' } });
  });

  test('is not proved while the record is missing, wrong, or nobody can be asked', async () => {
    await claim(acme);
    expect(await verify(acme)).toMatchObject({ finding: 'absent', domain: { state: 'claimed' } });
    dns.records.set(`_latchkey-challenge.${name}`, ['latchkey-domain=somethingelse', 'v=spf1 -all']);
    expect(await verify(acme)).toMatchObject({ finding: 'absent', domain: { state: 'claimed' } });
    dns.records.set(`_latchkey-challenge.${name}`, 'servfail');
    expect(await verify(acme)).toMatchObject({ finding: 'unknown', domain: { state: 'claimed' } });
    expect(await proved(acme)).toBe(false);
  });

  test('is proved by its TXT record beside others, and its users may sign in at once', async () => {
    const made = await claim(acme);
    const device = server.createDevice();
    const token = await acme.createToken();
    expect(await device.enroll(token.text, `j@${name}`)).toMatchObject({ kind: 'refused' });
    dns.records.set(`_latchkey-challenge.${name}`, ['v=spf1 -all', made.record.value]);
    expect(await verify(acme)).toMatchObject({ finding: 'present', domain: { state: 'proved', proof: 'dns' } });
    expect(await server.storage.server.findDomain(name)).toMatchObject({ organizationId: acme.id });
    expect(await device.enroll(token.text, `j@${name}`)).toMatchObject({ kind: 'enrolled' });
    expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    expect(await actions(acme)).toEqual(['domain.claimed', 'domain.proved']);
  });

  test("is not proved by another organization's record: the value is bound to the organization and the domain", async () => {
    const [mine, theirs] = [await claim(acme), await claim(rival)];
    expect(mine.record.value).not.toBe(theirs.record.value);
    publish(theirs);
    expect(await verify(acme)).toMatchObject({ finding: 'absent', domain: { state: 'claimed' } });
    await call(acme, 'PUT', `/domains/other-${name}`);
    dns.records.set(`_latchkey-challenge.other-${name}`, [mine.record.value]);
    expect((await call(acme, 'POST', `/domains/other-${name}/verify`)).body).toMatchObject({ finding: 'absent' });
  });

  test('that nobody made cannot be verified', async () => {
    expect(await call(acme, 'POST', `/domains/${name}/verify`)).toMatchObject({ status: 404, body: { code: 'domain_unknown' } });
  });

  test('can be dropped by the organization itself', async () => {
    await claim(acme);
    expect(await call(acme, 'DELETE', `/domains/${name}`)).toMatchObject({ status: 204 });
    expect(await actions(acme)).toEqual(['domain.claimed', 'domain.removed']);
  });

  test('two that have the record at the same moment: one is proved', async () => {
    publish(await claim(acme), await claim(rival));
    const found = await Promise.all([verify(acme), verify(rival)]);
    expect(found.map(({ domain }) => domain.state).toSorted()).toEqual(['contested', 'proved']);
  });
});

describe('a contested proof', () => {
  const contested = async () => {
    const mine = await claim(acme);
    publish(mine);
    await verify(acme);
    const theirs = await claim(rival);
    publish(mine, theirs);
    expect(await verify(rival)).toMatchObject({ finding: 'present', domain: { state: 'contested', proof: 'none' } });
    return { mine, theirs };
  };

  test('is parked, and both organizations and the operators are told', async () => {
    await contested();
    expect(await proved(acme)).toBe(true);
    expect(await proved(rival)).toBe(false);
    expect(await actions(acme)).toEqual(['domain.claimed', 'domain.proved', 'domain.contested']);
    expect(await actions(rival)).toEqual(['domain.claimed', 'domain.contested']);
    const found = await server.storage.server.searchAuditEvents({ order: 'newest', limit: 1, action: 'domain.contested' });
    const [event] = found.items;
    expect(event).toMatchObject({ subject: `domain:${name}`, details: { holder: acme.id, claimant: rival.id } });
  });

  test('does not say who the other one is', async () => {
    await contested();
    expect(JSON.stringify((await acme.audit()).at(-1))).not.toContain(rival.id);
    expect(JSON.stringify((await rival.audit()).at(-1))).not.toContain(acme.id);
  });

  test('alerts once, however often it is verified', async () => {
    await contested();
    await verify(rival);
    await verify(rival);
    expect((await actions(acme)).filter((action) => action === 'domain.contested')).toHaveLength(1);
  });

  test('is over when the claimant takes the record away', async () => {
    const { mine } = await contested();
    publish(mine);
    expect(await verify(rival)).toMatchObject({ domain: { state: 'claimed' } });
    expect((await actions(rival)).at(-1)).toBe('domain.contest_over');
  });

  test('wins when the holder has lost its own proof', async () => {
    const { theirs } = await contested();
    publish(theirs);
    await server.doWhatIsDue(); // the holder is looked up at once
    expect((await call(acme, 'GET', '/domains')).body.items).toContainEqual(expect.objectContaining({ name, state: 'failing' }));
    server.wait(7 * day);
    await server.doWhatIsDue();
    server.wait(hour);
    await server.doWhatIsDue();
    expect([await proved(acme), await proved(rival)]).toEqual([false, true]);
    expect((await actions(rival)).at(-1)).toBe('domain.proved');
  });

  test("against an operator's grant changes nothing of the grant", async () => {
    await acme.grantDomain(name);
    publish(await claim(rival));
    expect(await verify(rival)).toMatchObject({ domain: { state: 'contested' } });
    await server.doWhatIsDue();
    expect([await proved(acme), await proved(rival)]).toEqual([true, false]);
  });
});

describe('a proved domain is looked up again every day', () => {
  const provedByDns = async () => {
    const made = await claim(acme);
    publish(made);
    await verify(acme);
    return made;
  };
  const state = async () => (await call(acme, 'GET', '/domains')).body.items.find((each: { name: string }) => each.name === name);
  const gone = () => dns.records.delete(`_latchkey-challenge.${name}`);

  test('not before a day has passed, and once by several nodes', async () => {
    await provedByDns();
    const before = dns.asked.length;
    server.wait(day - 1);
    await server.doWhatIsDue();
    expect(dns.asked.slice(before).filter((each) => each.endsWith(name))).toEqual([]);
    server.wait(1);
    await Promise.all([server.doWhatIsDue(), server.doWhatIsDue(), server.doWhatIsDue()]);
    expect(dns.asked.slice(before).filter((each) => each.endsWith(name))).toHaveLength(1);
  });

  test('without its record it has 7 days of grace, is told of, then lost: nobody of it signs in any more', async () => {
    await provedByDns();
    const device = server.createDevice();
    await device.enroll((await acme.createToken()).text, `j@${name}`);
    gone();
    for (let passed = 1; passed <= 7; passed += 1) {
      server.wait(day);
      await server.doWhatIsDue();
      expect(await state()).toMatchObject({ state: 'failing', lostAt: expect.any(String) });
      expect(await device.signIn()).toMatchObject({ kind: 'signed_in' });
    }
    server.wait(day);
    await server.doWhatIsDue();
    expect(await state()).toMatchObject({ state: 'claimed', proof: 'none', lostAt: null });
    expect(await device.signIn()).toMatchObject({ kind: 'refused', code: 'domain_not_proved' });
    expect(await actions(acme)).toEqual(['domain.claimed', 'domain.proved', 'domain.proof_missing', 'domain.lost']);
  });

  test('its record is back within the grace: it stays', async () => {
    const made = await provedByDns();
    gone();
    server.wait(day);
    await server.doWhatIsDue();
    publish(made);
    server.wait(day);
    await server.doWhatIsDue();
    expect(await state()).toMatchObject({ state: 'proved', lostAt: null });
    expect((await actions(acme)).slice(2)).toEqual(['domain.proof_missing', 'domain.proof_back']);
  });

  test('a name server that does not answer starts no grace', async () => {
    await provedByDns();
    dns.records.set(`_latchkey-challenge.${name}`, 'servfail');
    for (let passed = 1; passed <= 10; passed += 1) {
      server.wait(day);
      await server.doWhatIsDue();
    }
    expect(await state()).toMatchObject({ state: 'proved', lostAt: null });
  });

  test('a name server that does not answer does not stop the grace that runs', async () => {
    await provedByDns();
    gone();
    server.wait(day);
    await server.doWhatIsDue();
    dns.records.set(`_latchkey-challenge.${name}`, 'servfail');
    server.wait(7 * day);
    await server.doWhatIsDue();
    expect(await state()).toMatchObject({ state: 'claimed', proof: 'none' });
  });

  test('an operator may grant it instead, and it is not looked up any more', async () => {
    await provedByDns();
    gone();
    server.wait(day);
    await server.doWhatIsDue();
    const operator = await server.createOperatorKey();
    const granted = await server.app.inject({
      method: 'POST',
      url: `/api/v1/organizations/${acme.id}/domains`,
      headers: { authorization: `Bearer ${operator}` },
      payload: { name },
    });
    expect(granted.json()).toMatchObject({ state: 'proved', proof: 'granted', record: null });
    server.wait(10 * day);
    await server.doWhatIsDue();
    expect(await proved(acme)).toBe(true);
  });
});
