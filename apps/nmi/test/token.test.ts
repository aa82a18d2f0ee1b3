import { azureAssignedIdentity, azureIdentity, azureIdentityBinding, pod } from '@aad-pod-identity/testing';
import { bindPod, claimsOf } from './bound-pods.ts';
import { ask, type Nmi, startWorld, STORAGE, TOKEN_PATH, type World } from './world.ts';

const AAD = 'aadpodidentity.k8s.io/v1';
const query = (more: string) => `${TOKEN_PATH}?api-version=2018-02-01&resource=${encodeURIComponent(STORAGE)}${more}`;

describe('a token request in standard mode', () => {
  let world: World;
  let nmi: Nmi;
  let port: number;
  let addresses = 10;

  beforeAll(async () => {
    world = await startWorld();
    nmi = await world.nmi();
    ({ port } = await nmi.ports());
  });
  afterAll(() => world.close());

  const boundPod = (name: string, state?: 'Created' | 'Assigned') =>
    bindPod(world, name, `127.0.0.${addresses++}`, state);
  const claims = (body: string) => claimsOf(world, body);

  it('gets a token of the assigned identity, in the form of IMDS byte for byte', async () => {
    const { ip, azure } = boundPod('simple');
    const answer = await ask(port, { from: ip });
    expect(answer.status).toBe(200);
    expect(await claims(answer.body)).toMatchObject({ appid: azure.clientId, oid: azure.principalId, aud: STORAGE });
    const token = JSON.parse(answer.body) as Record<string, string>;
    const { access_token, expires_in, expires_on, ext_expires_in, not_before } = token;
    expect(answer.body).toBe(
      `{"access_token":"${access_token}","client_id":"${azure.clientId}","expires_in":"${expires_in}",` +
        `"expires_on":"${expires_on}","ext_expires_in":"${ext_expires_in}","not_before":"${not_before}",` +
        `"refresh_token":"","resource":"${STORAGE}","token_type":"Bearer"}`,
    );
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(answer.body)),
    });
  });

  it('waits for Created to become Assigned and answers after the change', async () => {
    const { ip, azure, record } = boundPod('late', 'Created');
    const from = nmi.lines.length;
    const answer = ask(port, { from: ip });
    await nmi.line(({ msg }) => msg === 'waiting for an identity', from);
    world.kube.state.patch(AAD, 'AzureAssignedIdentity', 'default', record, { status: { status: 'Assigned' } });
    expect(await claims((await answer).body)).toMatchObject({ appid: azure.clientId });
  });

  it('waits for the identity of an object id that is on its way, whatever else is assigned', async () => {
    const { ip } = boundPod('has-one');
    const coming = world.azure.addIdentity({ resourceGroup: 'nodes', name: 'coming' });
    world.azure.state.assign(world.azure.state.resource(world.machine), coming.id);
    const identity = azureIdentity({ name: 'coming', spec: { resourceID: coming.id, clientID: coming.clientId } });
    const binding = azureIdentityBinding({ name: 'coming', selector: 'has-one' });
    const record = azureAssignedIdentity({ pod: 'has-one', identity, binding, state: 'Created' });
    for (const object of [identity, binding, record]) world.kube.state.create(object);
    const from = nmi.lines.length;
    const answer = ask(port, { from: ip, path: query(`&object_id=${coming.principalId}`) });
    await nmi.line(({ msg }) => msg === 'waiting for an identity', from);
    const assigned = { status: { status: 'Assigned' } };
    world.kube.state.patch(AAD, 'AzureAssignedIdentity', 'default', record.metadata.name, assigned);
    expect(await claims((await answer).body)).toMatchObject({ oid: coming.principalId });
  });

  it('logs what was matched as the seed shows it, without the client id', async () => {
    const { ip, azure } = boundPod('logged');
    const from = nmi.lines.length;
    await ask(port, { from: ip });
    const shown = `${azure.clientId.slice(0, 4)}##### REDACTED #####${azure.clientId.slice(-4)}`;
    const request = { 'req.method': 'GET', 'req.path': TOKEN_PATH, 'req.remote': ip };
    const matched = `matched identityType:0 clientid:${shown} resource:${STORAGE}`;
    expect(await nmi.line(({ msg }) => msg === matched, from)).toMatchObject(request);
    // the line of an earlier request may come late: it is written once its answer is out
    const status = nmi.line((line) => line['req.remote'] === ip && /^Status \(200\) took \d+ ns$/.test(line.msg), from);
    expect(await status).toMatchObject(request);
    expect(JSON.stringify(nmi.lines)).not.toContain(azure.clientId);
    expect(JSON.stringify(nmi.lines)).not.toContain('eyJ');
  });

  const bad = (description: string, error = 'invalid_request') => ({
    status: 400,
    body: JSON.stringify({ error, error_description: description }),
  });

  it.each<[sentence: string, path: string | undefined, headers: Record<string, string>, description: string]>([
    ['no Metadata header', undefined, {}, 'Required metadata header not specified'],
    ['no header and no query, as probes send', TOKEN_PATH, {}, 'Required metadata header not specified'],
    ['another value of the header', undefined, { Metadata: 'True' }, 'Required metadata header not specified'],
    ['no resource', TOKEN_PATH, { Metadata: 'true' }, 'parameter resource cannot be empty'],
    ['an empty resource', `${TOKEN_PATH}?resource=`, { Metadata: 'true' }, 'parameter resource cannot be empty'],
    [
      'two selectors',
      query('&client_id=a&msi_res_id=b'),
      { Metadata: 'true' },
      'more than one parameter selects an identity',
    ],
    [
      'one selector twice',
      query('&client_id=a&client_id=b'),
      { Metadata: 'true' },
      'parameter client_id was given with different values',
    ],
    [
      'a forwarded request',
      undefined,
      { Metadata: 'true', 'X-Forwarded-For': '127.0.0.9' },
      'A request with X-Forwarded-For is not answered',
    ],
  ])('is refused before any look-up with %s', async (_, path, headers, description) => {
    const answer = await ask(port, { from: '127.0.7.7', headers, ...(path === undefined ? {} : { path }) });
    expect(answer).toMatchObject(bad(description));
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('is refused at once for a pod without the label', async () => {
    world.kube.state.create(pod({ name: 'unlabelled', ip: '127.0.2.1' }));
    expect(await ask(port, { from: '127.0.2.1' })).toMatchObject(bad('Identity not found'));
  });

  it('with another identity’s id gets nothing, never the default identity', async () => {
    const { ip } = boundPod('strict');
    const other = boundPod('other');
    const asked = world.azure.state.requests.length;
    const answers = await Promise.all(
      [`&client_id=${other.azure.clientId}`, `&msi_res_id=${other.azure.id}`].map((more) =>
        ask(port, { from: ip, path: query(more) }),
      ),
    );
    for (const answer of answers) expect(answer).toMatchObject(bad('Identity not found'));
    expect(world.azure.state.requests.length).toBe(asked);
  });

  it('finds its identity by client id, resource id in any case, or object id', async () => {
    const { ip, azure } = boundPod('selected');
    const selectors = [
      `&client_id=${azure.clientId.toUpperCase()}`,
      `&msi_res_id=${azure.id.toUpperCase()}`,
      `&mi_res_id=${azure.id}`,
      `&msi-res-id=${azure.id}`,
      `&object_id=${azure.principalId.toUpperCase()}`,
    ];
    for (const more of selectors) {
      const answer = await ask(port, { from: ip, path: query(more) });
      expect(await claims(answer.body)).toMatchObject({ appid: azure.clientId });
    }
    const stranger = await ask(port, { from: ip, path: query('&object_id=00000000-0000-0000-0000-000000000000') });
    expect(stranger).toMatchObject(bad('Identity not found'));
  });

  it('is never of the identity whose client id the author wrote beside another’s resource id', async () => {
    const victim = boundPod('robbed');
    const { ip, azure, name, record } = boundPod('robber');
    const patch = { spec: { clientID: victim.azure.clientId } };
    world.kube.state.patch(AAD, 'AzureIdentity', 'default', name, patch);
    const answers = () =>
      Promise.all(
        ['', `&client_id=${victim.azure.clientId}`].map((more) => ask(port, { from: ip, path: query(more) })),
      );
    const [own, others] = await answers();
    expect(await claims(own?.body ?? '')).toMatchObject({ appid: azure.clientId });
    expect(others).toMatchObject(bad('Identity not found'));

    // as a MIC records it that does not ask Azure
    const copy = { spec: { azureIdentityRef: patch } };
    const from = nmi.lines.length;
    world.kube.state.patch(AAD, 'AzureAssignedIdentity', 'default', record, copy);
    for (const answer of await answers()) expect(answer).toMatchObject({ status: 403 });
    expect(JSON.stringify(nmi.lines.slice(from))).not.toContain('eyJ');
  });

  it('belongs to whoever holds the socket’s address, whatever headers claim', async () => {
    const mine = boundPod('mine');
    const victim = boundPod('victim');
    const forged = {
      ...{ Metadata: 'true', 'X-Real-IP': victim.ip, Forwarded: `for=${victim.ip}`, 'X-Remote-Addr': victim.ip },
      ...{ 'X-Client-IP': victim.ip, podname: 'victim', podns: 'default', Host: victim.ip, From: victim.ip },
    };
    const answer = await ask(port, { from: mine.ip, headers: forged });
    expect(await claims(answer.body)).toMatchObject({ appid: mine.azure.clientId });
  });

  it('is refused as soon as its binding is gone, though the token is known', async () => {
    const { ip, name } = boundPod('revoked');
    expect((await ask(port, { from: ip })).status).toBe(200);
    world.kube.state.delete(AAD, 'AzureIdentityBinding', 'default', name);
    expect(await ask(port, { from: ip })).toMatchObject(bad('Identity not found'));
  });

  it('from an address that no pod has, or two have, gets 503 and Retry-After', async () => {
    const nobody = await ask(port, { from: '127.0.3.1' });
    expect(nobody).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
    for (const name of ['twin-a', 'twin-b']) world.kube.state.create(pod({ name, label: 'simple', ip: '127.0.3.2' }));
    const twins = await ask(port, { from: '127.0.3.2' });
    expect(twins).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(twins.body).not.toContain('twin');
  });
});
