/** Objects that somebody mangled: whoever depends on them is told, and everybody else is served. */
import { createPrivateKey } from 'node:crypto';
import {
  azureAssignedIdentity,
  azureIdentity,
  azureIdentityBinding,
  createRunCa,
  pod,
} from '@aad-pod-identity/testing';
import { bindPod, claimsOf } from '../bound-pods.ts';
import { type Principal, Principals } from '../principals.ts';
import { ask, type Nmi, startWorld, type World } from '../world.ts';

describe('a mangled object', () => {
  let world: World;
  let principals: Principals;
  let nmi: Nmi;
  let port: number;
  let good: ReturnType<typeof bindPod>;
  let addresses = 10;
  beforeAll(async () => {
    world = await startWorld();
    principals = new Principals(world);
    nmi = await world.nmi();
    ({ port } = await nmi.ports());
    good = bindPod(world, 'good', '127.0.2.1');
  });
  afterEach(async () => {
    expect(await claimsOf(world, (await ask(port, { from: good.ip })).body)).toMatchObject({
      appid: good.azure.clientId,
    });
  });
  afterAll(() => world.close());

  const crd = (kind: string, name: string, more: object) => ({
    ...{
      apiVersion: 'aadpodidentity.k8s.io/v1',
      kind,
      metadata: { name, namespace: 'default', labels: { nodename: 'node-0' } },
    },
    ...more,
  });

  it.each<[sentence: string, kind: string, more: object, reason: RegExp]>([
    ['an identity whose spec is a text', 'AzureIdentity', { spec: 'x' }, /spec/],
    ['an identity of a type that there is not', 'AzureIdentity', { spec: { type: 7 } }, /type/],
    ['an identity with a list for its id', 'AzureIdentity', { spec: { type: 0, resourceID: [] } }, /resourceID/],
    ['a binding whose selector is an object', 'AzureIdentityBinding', { spec: { selector: {} } }, /selector/],
    ['a binding with a text for its weight', 'AzureIdentityBinding', { spec: { weight: 'heavy' } }, /weight/],
    ['a record whose spec is a list', 'AzureAssignedIdentity', { spec: ['x'] }, /spec/],
    ['an exception whose labels are a list', 'AzurePodIdentityException', { spec: { podLabels: [1] } }, /podLabels/],
  ])('%s is left out with a line that names it', async (sentence, kind, more, reason) => {
    const name = sentence.replaceAll(' ', '-');
    const from = nmi.lines.length;
    world.kube.state.create(crd(kind, name, more));
    const line = await nmi.line((each) => each.name === name, from);
    expect(line).toMatchObject({ msg: 'object left out, it cannot be read', kind, namespace: 'default' });
    expect(line.reason).toMatch(reason);
  });

  it.each<[sentence: string, kind: string, more: object]>([
    ['an identity of nothing', 'AzureIdentity', {}],
    ['a binding of nothing', 'AzureIdentityBinding', { spec: null }],
    ['an exception of nothing', 'AzurePodIdentityException', { spec: { podLabels: null } }],
    ['a record of nothing', 'AzureAssignedIdentity', { spec: { azureIdentityRef: null, azureBindingRef: null } }],
    ['a record of no state', 'AzureAssignedIdentity', { spec: { pod: 'good', podNamespace: 'default' }, status: null }],
  ])('%s changes nothing for others', (sentence, kind, more) => {
    const name = sentence.replaceAll(' ', '-');
    const created = world.kube.state.create(crd(kind, name, more));
    expect(created.metadata.name).toBe(name);
  });

  it.each<[sentence: string, spec: Record<string, unknown>, field: RegExp]>([
    ['a malformed resource id', { resourceID: 'x' }, /default\/[a-z-]+, spec\.resourceID: found /],
    ['no tenant', { type: 1, tenantID: '' }, /default\/[a-z-]+, spec\.tenantID: found nothing/],
    ['a Secret without a name', { type: 2, tenantID: 't', clientPassword: {} }, /spec\.clientPassword\.name: found/],
  ])('an identity with %s is named to its own pod, with the field', async (sentence, spec, field) => {
    const name = sentence.replaceAll(' ', '-').toLowerCase();
    const ip = `127.0.3.${addresses++}`;
    const identity = azureIdentity({ name, spec });
    const binding = azureIdentityBinding({ name });
    for (const object of [identity, binding, azureAssignedIdentity({ pod: name, identity, binding })]) {
      world.kube.state.create(object);
    }
    world.kube.state.create(pod({ name, label: name, ip }));
    const { status, body } = await ask(port, { from: ip });
    const answer = JSON.parse(body) as { error: string; error_description: string };
    expect([status, answer.error]).toEqual([400, 'invalid_request']);
    expect(answer.error_description).toMatch(field);
  });

  const issue = (days?: number) =>
    createRunCa().issue({ commonName: 'app', altNames: [], ...(days === undefined ? {} : { days }) });
  const locked = ({ certPem, keyPem }: ReturnType<typeof issue>) => {
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' } as const;
    return certPem + createPrivateKey(keyPem).export(cipher).toString();
  };
  const pem = ({ certPem, keyPem }: ReturnType<typeof issue>) => certPem + keyPem;

  it.each<[sentence: string, name: string, type: 1 | 2, values: () => Record<string, string>, why: RegExp]>([
    ['no key', 'none', 1, () => ({}), /holds no value$/],
    ['several keys', 'several', 1, () => ({ a: '1', b: '2' }), /has 2 keys, none of them clientSecret or password$/],
    ['an empty value', 'empty', 1, () => ({ x: '' }), /has an empty value under x$/],
    ['binary junk for a password', 'junk', 1, () => ({ x: '\x00\xff\x17' }), /: .*AADSTS7000215/],
    ['a wrong password', 'wrong', 1, () => ({ x: 'wr0ng~value' }), /: .*AADSTS7000215/],
    ['binary junk for a certificate', 'cert-junk', 2, () => ({ certificate: '\x00\xff\x17' }), /cannot be read/],
    ['an expired certificate', 'expired', 2, () => ({ certificate: pem(issue(-0.5)) }), /that expired on 20\d\d-/],
    [
      'a wrong password of its key',
      'locked',
      2,
      () => ({ certificate: locked(issue()), password: 'wr0ng~value' }),
      /cannot be read .*: wrong password/,
    ],
    ['another certificate than Entra ID has', 'other', 2, () => ({ certificate: pem(issue()) }), /: .*AADSTS700027/],
  ])('a Secret with %s is named to its own pod, and nothing of it', async (_, name, type, values, why) => {
    const app = type === 1 ? principals.withSecret() : principals.withCertificate();
    const what: Principal = { type, values: values() };
    const { status, body } = await ask(port, { from: principals.bind(name, app.clientId, what) });
    const answer = JSON.parse(body) as { error: string; error_description: string };
    expect([status, answer.error]).toEqual([403, 'access_denied']);
    expect(answer.error_description).toMatch(new RegExp(`^Secret default/${name}\\b`));
    expect(answer.error_description).toMatch(why);
    for (const told of [body, JSON.stringify(nmi.lines)]) expect(told).not.toMatch(/wr0ng|PRIVATE KEY/);
  });

  it('a Secret whose values are null is one with empty values', async () => {
    const ip = principals.bind('nulls', principals.withSecret().clientId, { type: 2, values: { x: 'y' } });
    world.kube.state.apply({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nulls', namespace: 'default' } },
      data: { certificate: null },
    });
    const { status, body } = await ask(port, { from: ip });
    expect([status, body]).toEqual([403, expect.stringContaining('Secret default/nulls: ')]);
  });
});
