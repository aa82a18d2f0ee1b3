/** What an operator can get wrong before MIC does anything: flags, environment and files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFlags, systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { FLAGS } from '../../src/flags.ts';
import { runMic } from '../../src/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'mic-settings-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const kubeconfig = (server: string) =>
  JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'a' },
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [{ name: 'a', cluster: { server } }],
    users: [{ name: 'a', user: { token: 's3cret' } }],
  });
const GOOD = { KUBECONFIG: file('good', kubeconfig('http://127.0.0.1:1')), MIC_POD_NAMESPACE: 'n', USE_MSI: 'true' };

/** The line with which MIC refuses to start. */
async function refusal(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const stopping = new AbortController();
  try {
    const all = { ...GOOD, ...env };
    const flags = parseFlags(FLAGS, ['--http-probe-port=0', '--prometheus-port=0', ...argv], all);
    const running = runMic({ flags, env: all, clock: systemClock, logger: silentLogger, signal: stopping.signal });
    const started = systemClock.sleep(5_000, stopping.signal).then(() => 'none: it ran');
    return await Promise.race([running.then(() => 'none: it ended'), started]);
  } catch (error) {
    return (error as Error).message;
  } finally {
    stopping.abort(Object.assign(new Error('the test is over'), { name: 'AbortError' }));
  }
}

const BAD: Readonly<Record<keyof typeof FLAGS, string>> = {
  kubeconfig: join(folder, 'nowhere'),
  cloudconfig: join(folder, 'nowhere'),
  forceNamespaced: 'maybe',
  'immutable-user-msis': '/subscriptions/s/virtualMachines/x',
  syncRetryDuration: '1 hour',
  'identity-assignment-reconcile-interval': '0s',
  createDeleteBatch: '0',
  clientQps: 'many',
  'update-user-msi-max-retry': '-1',
  'update-user-msi-retry-interval': '1',
  'leader-election-instance': 'a\nb',
  'leader-election-namespace': 'kube system',
  'leader-election-name': 'MIC',
  deployment: 'mic',
  'startup-taint': 'a/b/c',
  'leader-election-duration': '1s',
  'leader-election-endpoints': 'maybe',
  'enable-type-upgrade': 'maybe',
  'config-map-name': 'a/b',
  'type-upgrade-status-key': 'a b',
  'http-probe-port': '65536',
  'prometheus-port': '-1',
  'log-format': 'xml',
  v: 'all',
  'custom-user-agent': 'a\nb',
  version: 'maybe',
  help: 'maybe',
  logtostderr: 'maybe',
  enableScaleFeatures: 'maybe',
  enableProfile: 'maybe',
};

describe('a bad value of a flag is one line that names it:', () => {
  it.each(Object.keys(FLAGS) as (keyof typeof FLAGS)[])('--%s', async (name) => {
    const line = await refusal([`--${name}=${BAD[name]}`]);
    expect(line).toMatch(name === 'kubeconfig' ? /^kubeconfig .*nowhere: .*ENOENT/ : new RegExp(`^--${name}[: ]`));
    expect(line).not.toContain('\n');
  });

  it('--prometheus-port that is --http-probe-port', async () => {
    const line = await refusal(['--http-probe-port=8080', '--prometheus-port=8080']);
    expect(line).toBe('--prometheus-port: must not be that of --http-probe-port');
  });
});

describe('a bad environment is one line that names it:', () => {
  const PROXY = /^(https?_proxy) \(environment\): not the URL of an HTTP proxy/i;
  const PRINCIPAL = { USE_MSI: '', TENANT_ID: 't', CLIENT_ID: 'c', CLIENT_SECRET: 's3cret' };
  it.each<[sentence: string, env: NodeJS.ProcessEnv, line: RegExp]>([
    [
      'no MIC_POD_NAMESPACE',
      { MIC_POD_NAMESPACE: '' },
      /^MIC_POD_NAMESPACE \(environment\): found nothing, allowed is/,
    ],
    ['MIC_POD_NAMESPACE', { MIC_POD_NAMESPACE: 'a/b' }, /^MIC_POD_NAMESPACE \(environment\): found "a\/b", allowed is/],
    ['FORCENAMESPACED', { FORCENAMESPACED: 'yes' }, /^FORCENAMESPACED \(environment\): "yes" is not true or false$/],
    ['KUBECONFIG', { KUBECONFIG: join(folder, 'nowhere') }, /^kubeconfig .*nowhere: .*ENOENT/],
    ['no KUBECONFIG outside of a cluster', { KUBECONFIG: '' }, /KUBERNETES_SERVICE_HOST and .* are not set$/],
    ['CLOUD', { CLOUD: 'Moon' }, /^CLOUD \(environment\): unknown cloud "Moon": allowed are /],
    ['CLOUD without its file', { CLOUD: 'AzureStackCloud' }, /^CLOUD .*needs AZURE_ENVIRONMENT_FILEPATH/],
    ['USE_MSI', { USE_MSI: 'maybe' }, /^USE_MSI \(environment\): found something else than true or false$/],
    [
      'no TENANT_ID',
      { ...PRINCIPAL, TENANT_ID: '' },
      /^TENANT_ID \(environment\): needed to sign in as a service prin/,
    ],
    [
      'TENANT_ID',
      { ...PRINCIPAL, TENANT_ID: 'a/../b' },
      /^TENANT_ID \(environment\): allowed is a GUID or the name of/,
    ],
    ['no CLIENT_ID', { ...PRINCIPAL, CLIENT_ID: '' }, /^CLIENT_ID \(environment\): needed to sign in/],
    [
      'CLIENT_ID of msi',
      { ...PRINCIPAL, CLIENT_ID: 'msi' },
      /^CLIENT_ID \(environment\): found msi, which is no service/,
    ],
    ['no CLIENT_SECRET', { ...PRINCIPAL, CLIENT_SECRET: '' }, /^CLIENT_SECRET \(environment\): needed to sign in/],
    [
      'CLIENT_SECRET of msi',
      { ...PRINCIPAL, CLIENT_SECRET: 'msi' },
      /^CLIENT_SECRET \(environment\): found msi, which/,
    ],
    ['HTTPS_PROXY', { ...PRINCIPAL, HTTPS_PROXY: 'proxy:3128' }, PROXY],
    ['HTTPS_PROXY with a managed identity', { HTTPS_PROXY: 'proxy:3128' }, PROXY],
    ['HTTP_PROXY, whose password it keeps', { ...PRINCIPAL, HTTP_PROXY: 'socks5://user:s3cret@proxy' }, PROXY],
  ])('%s', async (_, env, line) => {
    const said = await refusal([], env);
    expect(said).toMatch(line);
    expect(said).not.toMatch(/\n|s3cret/);
  });
});

describe('a bad file is one line that names it, and quotes nothing of it:', () => {
  const JUNK = Buffer.from([0, 255, 23, 10, 128]);
  const principal = (more: object) =>
    JSON.stringify({ tenantId: 't', aadClientId: 'c', aadClientSecret: 's3cret', ...more });
  it.each<[sentence: string, content: string | Uint8Array, line: RegExp]>([
    ['of junk', JUNK, /: (holds no fields|is neither JSON nor YAML)$/],
    ['that is empty', '', /: holds no fields$/],
    ['that is half of one', principal({}).slice(0, -9), /: is neither JSON nor YAML$/],
    ['of YAML with a tab in it', 'tenantId:\n\t- s3cret\n', /: is neither JSON nor YAML$/],
    ['that is a list', '["s3cret"]', /: holds no fields$/],
    ['that is a text', '"s3cret"', /: holds no fields$/],
    ['of another cloud', principal({ cloud: 'Moon' }), /: cloud: unknown cloud "Moon": allowed are /],
    ['whose cloud is a number', principal({ cloud: 7 }), /: cloud: found something that is no text$/],
    ['whose tenant is none', principal({ tenantId: 'a b' }), /: tenantId: allowed is a GUID or the name of a domain$/],
    ['without a tenant', principal({ tenantId: null }), /: tenantId: needed to sign in as a service principal, unless/],
    ['without a client', principal({ aadClientId: '' }), /: aadClientId: needed to sign in/],
    ['whose secret is msi', principal({ aadClientSecret: 'msi' }), /: aadClientSecret: found msi, which is no service/],
    [
      'whose secret is a list',
      principal({ aadClientSecret: ['s3cret'] }),
      /: aadClientSecret: found something that is/,
    ],
    [
      'that neither says managed nor not',
      principal({ useManagedIdentityExtension: 's3cret' }),
      /: useManagedIdentityExtension: found something else than true or false$/,
    ],
    [
      'whose identity is a number',
      principal({ userAssignedIdentityID: 7 }),
      /: userAssignedIdentityID: found something/,
    ],
  ])('azure.json %s', async (sentence, content, line) => {
    const path = file(`azure.json ${sentence}`, content);
    const said = await refusal([`--cloudconfig=${path}`]);
    expect(said.startsWith(path)).toBe(true);
    expect(said).toMatch(line);
    expect(said).not.toMatch(/\n|s3cret/);
  });

  it.each<[sentence: string, content: string | Uint8Array, line: RegExp]>([
    ['of junk', JUNK, / is not JSON/],
    ['that is empty', '', / is not JSON/],
    ['that describes nothing', 'null', /: activeDirectoryEndpoint must be an https URL$/],
  ])('AZURE_ENVIRONMENT_FILEPATH %s', async (sentence, content, line) => {
    const path = file(`environment ${sentence}`, content);
    const said = await refusal([], { CLOUD: 'AzureStackCloud', AZURE_ENVIRONMENT_FILEPATH: path });
    expect(said).toMatch(/^AZURE_ENVIRONMENT_FILEPATH \(environment\): /);
    expect(said).toContain(path);
    expect(said).toMatch(line);
  });

  it('AZURE_ENVIRONMENT_FILEPATH that is not there', async () => {
    const env = { CLOUD: 'AzureStackCloud', AZURE_ENVIRONMENT_FILEPATH: join(folder, 'nowhere') };
    expect(await refusal([], env)).toMatch(/^AZURE_ENVIRONMENT_FILEPATH \(environment\): cannot read .*nowhere/);
  });
});

it('a port that is taken is one line that names the flag and the port', async () => {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, resolve);
  });
  const { port } = server.address() as { port: number };
  const line = await refusal([`--http-probe-port=${port}`]);
  server.close();
  expect(line).toMatch(new RegExp(`\\b${port}\\b`));
});
