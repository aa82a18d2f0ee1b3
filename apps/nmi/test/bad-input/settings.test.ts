/** What an operator can get wrong before NMI serves anybody: flags, environment and files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFlags, systemClock } from '@aad-pod-identity/runtime';
import { silentLogger } from '@aad-pod-identity/telemetry';
import { checkFlags } from '../../src/config.ts';
import { flags as table } from '../../src/flags.ts';
import { runNmi } from '../../src/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'nmi-settings-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const cluster = (server: string) =>
  JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'a' },
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [{ name: 'a', cluster: { server } }],
    users: [{ name: 'a', user: { token: 's3cret' } }],
  });
const GOOD = file('good', cluster('http://127.0.0.1:1'));

/** The line with which NMI refuses to start. */
async function refusal(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  try {
    const flags = parseFlags(table, ['--redirection=none', ...argv], { KUBECONFIG: GOOD, NODENAME: 'n', ...env });
    checkFlags(flags);
    const signal = new AbortController().signal;
    await runNmi({ flags, env: { KUBECONFIG: GOOD, ...env }, clock: systemClock, logger: silentLogger, signal });
    return 'none: it ran';
  } catch (error) {
    return (error as Error).message;
  }
}

const BAD: Readonly<Record<keyof typeof table, string>> = {
  'nmi-listen-address': 'localhost',
  'nmi-port': '65536',
  'metadata-ip': 'imds',
  'metadata-port': '0',
  node: 'a,spec.nodeName!=b',
  'ipt-update-interval-sec': '0',
  forceNamespaced: 'maybe',
  MICNamespace: 'kube system',
  'http-probe-port': '-1',
  'retry-attempts-for-created': '1.5',
  'retry-attempts-for-assigned': 'many',
  'find-identity-retry-interval': '5s',
  enableProfile: 'maybe',
  enableScaleFeatures: 'maybe',
  'block-instance-metadata': 'maybe',
  'metadata-header-required': 'maybe',
  'prometheus-port': 'x',
  'operation-mode': 'Managed',
  'allow-network-plugin-kubenet': 'maybe',
  'kubelet-config': folder,
  'set-retry-after-header': 'maybe',
  'enable-conntrack-deletion': 'maybe',
  'log-format': 'xml',
  v: 'all',
  logtostderr: 'maybe',
  'custom-user-agent': 'a\nb',
  version: 'maybe',
  help: 'maybe',
  kubeconfig: join(folder, 'nowhere'),
  redirection: 'ebpf',
  'iptables-backend': 'bpf',
  'close-only': 'maybe',
  daemonset: 'nmi',
  'namespace-settings': 'settings',
  'allowed-ad-endpoints': 'https://login.example.com/tenant',
  'mic-service-accounts': 'kube-system/mic',
  'heavier-identity-wait-seconds': '-1',
  'pod-requests-per-second': 'x',
  'metadata-paths': 'instance,identity',
};

describe('a bad value of a flag is one line that names it:', () => {
  it.each(Object.keys(table) as (keyof typeof table)[])('--%s', async (name) => {
    const line = await refusal([`--${name}=${BAD[name]}`]);
    expect(line).toMatch(name === 'kubeconfig' ? /^kubeconfig .*nowhere: .*ENOENT/ : new RegExp(`^--${name}[: ]`));
    expect(line).not.toContain('\n');
  });
});

describe('a bad environment is one line that names it:', () => {
  const PROXY = /^(https?_proxy) \(environment\): not the URL of an HTTP proxy/i;
  const IN_CLUSTER = { KUBECONFIG: '', KUBERNETES_SERVICE_PORT: '443' };
  it.each<[sentence: string, env: NodeJS.ProcessEnv, line: RegExp]>([
    ['NODENAME', { NODENAME: 'a b' }, /^--node \(environment NODENAME\): "a b" is not the name of a node$/],
    ['FORCENAMESPACED', { FORCENAMESPACED: 'yes' }, /^FORCENAMESPACED \(environment\): "yes" is not true or false$/],
    ['NMI_DAEMONSET', { NMI_DAEMONSET: 'a/b/c' }, /^--daemonset \(environment NMI_DAEMONSET\): "a\/b\/c" is not/],
    ['KUBECONFIG', { KUBECONFIG: join(folder, 'nowhere') }, /^kubeconfig .*nowhere: .*ENOENT/],
    ['no KUBECONFIG outside of a cluster', { KUBECONFIG: '' }, /KUBERNETES_SERVICE_HOST and .* are not set$/],
    ['KUBERNETES_SERVICE_HOST', { ...IN_CLUSTER, KUBERNETES_SERVICE_HOST: 'a b' }, /^KUBERNETES_SERVICE_HOST and /],
    ['CLOUD', { CLOUD: 'Moon' }, /^CLOUD \(environment\): unknown cloud "Moon": allowed are /],
    ['CLOUD without its file', { CLOUD: 'AzureStackCloud' }, /^CLOUD .*needs AZURE_ENVIRONMENT_FILEPATH/],
    ['HTTPS_PROXY', { HTTPS_PROXY: 'proxy:3128' }, PROXY],
    ['https_proxy', { https_proxy: ':' }, PROXY],
    ['HTTP_PROXY, whose password it keeps', { HTTP_PROXY: 'socks5://user:s3cret@proxy' }, PROXY],
  ])('%s', async (_, env, line) => {
    const said = await refusal([], env);
    expect(said).toMatch(line);
    expect(said).not.toMatch(/\n|s3cret/);
  });
});

describe('a bad file is one line that names it, and quotes nothing of it:', () => {
  const JUNK = Buffer.from([0, 255, 23, 10, 128]);
  const described = (fields: object) => JSON.stringify({ name: 'Own', ...fields });
  it.each<[kind: string, sentence: string, content: string | Uint8Array, line: RegExp]>([
    ['kubeconfig', 'of junk', JUNK, /: /],
    ['kubeconfig', 'that is empty', '', /: .*is empty$/],
    ['kubeconfig', 'that is half of one', cluster('http://127.0.0.1:1').slice(0, -9), /: /],
    ['kubeconfig', 'with a tab in it', 'users:\n\t- token: s3cret\n', /: /],
    ['kubeconfig', 'whose server is no URL', cluster('the server'), /: the server of cluster "a" is not a URL$/],
    ['AZURE_ENVIRONMENT_FILEPATH', 'of junk', JUNK, / is not JSON/],
    ['AZURE_ENVIRONMENT_FILEPATH', 'that is empty', '', / is not JSON/],
    ['AZURE_ENVIRONMENT_FILEPATH', 'that describes nothing', 'null', /: activeDirectoryEndpoint must be an https URL$/],
    [
      'AZURE_ENVIRONMENT_FILEPATH',
      'without TLS',
      described({ activeDirectoryEndpoint: 'http://login.example.com' }),
      /: activeDirectoryEndpoint must be an https URL$/,
    ],
    [
      'AZURE_ENVIRONMENT_FILEPATH',
      'that names half of it',
      described({ activeDirectoryEndpoint: 'https://login.example.com' }),
      /: resourceManagerEndpoint must be an https URL$/,
    ],
  ])('%s %s', async (kind, sentence, content, line) => {
    const path = file(`${kind} ${sentence}`, content);
    const said = await refusal([], { [kind === 'kubeconfig' ? 'KUBECONFIG' : kind]: path });
    expect(said.startsWith(kind)).toBe(true);
    expect(said).toContain(path);
    expect(said).toMatch(line);
    expect(said).not.toMatch(/\n|s3cret/);
  });

  it('a kubelet’s configuration that is not there says nothing, and is no reason to stop', async () => {
    const flags = [`--kubelet-config=${join(folder, 'nowhere')}`, '--nmi-listen-address=192.0.2.1'];
    expect(await refusal(flags)).toBe('cannot listen on 192.0.2.1:2579: this machine has no such address');
  });
});
