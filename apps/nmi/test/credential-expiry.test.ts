/** What tells, before it is too late, that a certificate or a secret of a service principal ends. */
import { X509Certificate } from 'node:crypto';
import { systemClock } from '@aad-pod-identity/runtime';
import { Principals, SECRET } from './principals.ts';
import { ask, startWorld, type World } from './world.ts';

const METRIC = 'aadpodidentity_nmi_credential_expiry_timestamp_seconds';

describe('the end of a credential', () => {
  let world: World;
  let principals: Principals;
  let port: number;
  let metricsPort: number;
  beforeAll(async () => {
    world = await startWorld();
    principals = new Principals(world);
    ({ port, metricsPort } = await (await world.nmi()).ports());
  });
  afterAll(() => world.close());

  /** `<identity> <seconds>` of each series, sorted. */
  async function shown(): Promise<string[]> {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const found = [...text.matchAll(new RegExp(`^${METRIC}\\{namespace="default",identity="(.+)"\\} (\\S+)$`, 'gm'))];
    return found.map(([, identity = '', value = '']) => `${identity} ${Number(value)}`).sort();
  }

  it('is shown of certificates and annotated secrets that pods use, until the identity is gone', async () => {
    expect(await shown()).toEqual([]);
    const app = principals.withSecret().clientId;
    const certificate = principals.bind('certificate', principals.withCertificate().clientId, {
      ...{ type: 2, values: { certificate: principals.certificate.pem } },
    });
    const annotated = principals.bind('annotated', app, { type: 1, values: { x: SECRET } });
    const unknown = principals.bind('unknown', app, { type: 1, values: { x: SECRET } });
    world.kube.state.patch('v1', 'Secret', 'default', 'annotated', {
      metadata: { annotations: { 'aadpodidentity.k8s.io/expires-on': '2030-01-02T00:00:00Z' } },
    });
    for (const from of [certificate, annotated, unknown]) expect((await ask(port, { from })).status).toBe(200);
    const own = new X509Certificate(principals.certificate.certPem).validToDate.getTime() / 1000;
    expect(await shown()).toEqual([`annotated ${Date.UTC(2030, 0, 2) / 1000}`, `certificate ${own}`]);
    world.kube.state.delete('aadpodidentity.k8s.io/v1', 'AzureIdentity', 'default', 'certificate');
    while ((await shown()).length > 1) await systemClock.sleep(10);
    expect((await shown())[0]).toMatch(/^annotated /);
  });
});
