import { parseFlags, systemClock } from '@aad-pod-identity/runtime';
import { azureIdentity, azureIdentityBinding, secret } from '@aad-pod-identity/testing';
import { parseAllDocuments } from 'yaml';
import { FLAGS } from '../src/flags.ts';
import { migrate as plan } from '../src/program.ts';
import { podOf, workload } from './objects.ts';
import { ISSUER, type Scene, startScene } from './scene.ts';
import { CLIENT } from './world.ts';

describe('of a cluster', () => {
  let scene: Scene;
  /** The program from its flags on, in this process; its error is one line of standard error, see `main.test.ts`. */
  async function migrate(...argv: string[]): Promise<{ out: string; err: string }> {
    const flags = parseFlags(FLAGS, [`--kubeconfig=${scene.kubeconfig}`, ...argv], {});
    const { signal } = new AbortController();
    try {
      return { out: await plan({ flags, env: {}, clock: systemClock, signal }), err: '' };
    } catch (error) {
      return { out: '', err: (error as Error).message };
    }
  }

  /** A Deployment as its controllers leave it, and the objects that give it an identity. */
  function addDeployment(name: string, namespace = 'default'): void {
    const made = scene.kube.state.create(workload({ name, namespace, label: 'azure-access' }));
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid: made.metadata.uid ?? '' };
    const set = workload({ kind: 'ReplicaSet', name: `${name}-1`, namespace, label: 'azure-access', owner });
    const { metadata } = scene.kube.state.create(set);
    scene.kube.state.create(podOf({ ...set, metadata: { ...set.metadata, uid: metadata.uid ?? '' } }));
  }

  beforeEach(async () => {
    scene = await startScene();
    scene.kube.state.create(azureIdentity({ name: 'azureaccess', spec: { clientID: CLIENT } }));
    scene.kube.state.create(azureIdentityBinding({ name: 'azureaccess', selector: 'azure-access' }));
  });
  afterEach(() => scene.close());

  it('48: a plan tells what each workload uses and what to do, with no moment without a token', async () => {
    addDeployment('web');
    const { out, err } = await migrate();
    expect(err).toBe('');
    const steps = [
      'Deployment web, 1 pod, aadpodidbinding=azure-access: to be migrated',
      'uses default/azureaccess (type 0), by binding default/azureaccess',
      '1. federated credential of default/azureaccess for system:serviceaccount:default:web',
      '2. make service account default/web, with azure.workload.identity/client-id',
      '3. label azure.workload.identity/use: "true" and serviceAccountName: web on its template',
      '4. see that its new pods have AZURE_FEDERATED_TOKEN_FILE, and that its code gets its tokens',
      `5. kubectl patch deployment/web --namespace default --type=strategic --patch '{"spec":{"template":{"metadata":{"labels":{"aadpodidbinding":null}}}}}'`,
      '! it runs as default',
      'Workloads: 1 to be migrated, 0 in transition (1 pod with the old label), 0 migrated.',
      'Federated credentials: 1 on 1 identities. Points that need attention: 1.',
    ];
    const places = steps.map((step) => out.indexOf(step));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(out).toMatch(/AZURE_FEDERATED_TOKEN_FILE, which takes precedence over the metadata address/);
  });

  it('48: what the plan prints, applied step by step, ends with everything migrated', async () => {
    addDeployment('web');
    const { state } = scene.kube;
    const [account, patch] = parseAllDocuments((await migrate('--output=yaml')).out).map(
      (each) => each.toJS() as object,
    );
    state.create(account ?? {});
    state.patch('apps/v1', 'Deployment', 'default', 'web', patch ?? {});
    const between = (await migrate()).out;
    expect(between).toContain('Deployment web, 1 pod, aadpodidbinding=azure-access: in transition, has both labels');
    expect(between).toContain('runs as service account web');
    expect(between).not.toMatch(/\d\. (?:make|annotate|label)/);
    expect((await migrate('--output=yaml')).out).toContain('# There is nothing to apply.');
    state.delete('v1', 'Pod', 'default', 'web-1-x');
    state.patch('apps/v1', 'ReplicaSet', 'default', 'web-1', {
      spec: { template: { metadata: { labels: { aadpodidbinding: null } } } },
    });
    state.patch('apps/v1', 'Deployment', 'default', 'web', {
      spec: { template: { metadata: { labels: { aadpodidbinding: null } } } },
    });
    const after = (await migrate()).out;
    expect(after).toContain('Migrated already\n  default: Deployment web, 0 pods\n');
    expect(after).toContain('Workloads: 0 to be migrated, 0 in transition (0 pods with the old label), 1 migrated.');
  });

  it.each(['text', 'yaml', 'commands'])('48: --output=%s only reads, and no Secret', async (output) => {
    addDeployment('web');
    scene.kube.state.create(secret({ name: 'sp', values: { password: 'hush-hush' } }));
    const before = scene.kube.requests.length;
    const { out } = await migrate(`--output=${output}`);
    const asked = scene.kube.requests.slice(before);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ method, path }) => method !== 'GET' || path.includes('/secrets'))).toEqual([]);
    expect(out).not.toContain('hush-hush');
  });

  it.each(['text', 'yaml', 'commands'])(
    'client ids are in what is applied alone, never in --output=%s otherwise',
    async (output) => {
      addDeployment('web');
      const { out, err } = await migrate(`--output=${output}`);
      expect(out.includes(CLIENT)).toBe(output === 'yaml');
      expect(err).toBe('');
    },
  );

  it('a large cluster is read in pages', async () => {
    for (let index = 0; index < 501; index++) {
      scene.kube.state.create(workload({ name: `w${index}`, label: 'azure-access', serviceAccount: 'runner' }));
    }
    expect((await migrate()).out).toContain('Workloads: 501 to be migrated');
    expect(scene.kube.requests.filter(({ path }) => path === '/apis/apps/v1/deployments')).toHaveLength(2);
  });

  it('--namespace tells of one namespace', async () => {
    addDeployment('web');
    scene.kube.state.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    addDeployment('till', 'shop');
    const { out } = await migrate('--namespace=shop');
    expect([out.includes('Deployment till'), out.includes('Deployment web')]).toEqual([true, false]);
  });

  it('--forceNamespaced keeps identities to their namespace', async () => {
    scene.kube.state.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    addDeployment('till', 'shop');
    expect((await migrate()).out).toContain('uses default/azureaccess');
    expect((await migrate('--forceNamespaced')).out).toContain('which is kept to namespace default');
  });

  describe('the issuer', () => {
    const other = 'https://oidc.example.com/';

    it('is what the cluster says', async () => {
      addDeployment('web');
      expect((await migrate('--output=commands')).out).toContain(`--issuer ${ISSUER} --subject`);
    });

    it('is what the flag says, and a difference is told', async () => {
      addDeployment('web');
      const { out } = await migrate('--output=commands', `--issuer=${other}`);
      expect(out).toContain(`--issuer ${other} --subject`);
      expect(out).toContain(`# Attention: --issuer is ${other}, but the cluster says "${ISSUER}"`);
    });

    it('is told to be missing by a plan, and refused to commands in one line', async () => {
      await scene.close();
      scene = await startScene({ issuer: 'https://kubernetes.default.svc.cluster.local' });
      const why =
        "the cluster's issuer https://kubernetes.default.svc.cluster.local is out of reach for Entra ID: enable the OIDC issuer of the cluster (az aks update --enable-oidc-issuer), or give --issuer";
      expect((await migrate()).out).toContain(`! ${why}\n`);
      expect(await migrate('--output=commands')).toEqual({ out: '', err: why });
      expect((await migrate('--output=commands', `--issuer=${other}`)).err).toBe('');
      expect((await migrate('--output=yaml')).err).toBe('');
    });

    it('is told to be missing where the cluster does not say it', async () => {
      scene.kube.faults.add({ path: /well-known/, times: 9, action: { kind: 'status', status: 403 } });
      expect((await migrate()).out).toMatch(
        /! the cluster does not say who its issuer is \(GET \/\.well-known\/openid-configuration: .*\): give --issuer/,
      );
    });
  });

  describe('what is in the way', () => {
    it('of rights is one line that names them', async () => {
      scene.kube.faults.add({ path: /replicasets/, times: 9, action: { kind: 'status', status: 403 } });
      const { out, err } = await migrate();
      expect(out).toBe('');
      expect(err).toMatch(/^GET \/apis\/apps\/v1\/replicasets: [^\n]+$/);
    });

    it('of an installation is one line as well', async () => {
      await scene.close();
      scene = await startScene({ crds: [] });
      const { err } = await migrate();
      expect(err).toBe('this cluster has no kind AzureIdentity: the CRDs of AAD Pod Identity are not installed');
    });
  });
});
