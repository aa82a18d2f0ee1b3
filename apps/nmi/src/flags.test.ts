import { parseFlags } from '@aad-pod-identity/runtime';
import { checkFlags, metadataUrl } from './config.ts';
import { flags as table } from './flags.ts';
import { kubenetSign, sharedBridges } from './kubenet.ts';

const parse = (argv: string[], env: NodeJS.ProcessEnv = {}) => parseFlags(table, argv, env);

describe('the flags of NMI', () => {
  it('keep the names and defaults of 1.8.17', () => {
    expect(parse([])).toMatchObject({
      'nmi-listen-address': '127.0.0.1',
      'nmi-port': 2579,
      'metadata-ip': '169.254.169.254',
      'metadata-port': 80,
      node: '',
      'ipt-update-interval-sec': 60,
      forceNamespaced: false,
      MICNamespace: 'default',
      'http-probe-port': 8080,
      'retry-attempts-for-created': 16,
      'retry-attempts-for-assigned': 4,
      'find-identity-retry-interval': 5,
      enableProfile: false,
      enableScaleFeatures: true,
      'block-instance-metadata': false,
      'metadata-header-required': true,
      'prometheus-port': 9090,
      'operation-mode': 'standard',
      'allow-network-plugin-kubenet': false,
      'kubelet-config': '/etc/default/kubelet',
      'set-retry-after-header': false,
      'enable-conntrack-deletion': false,
      'log-format': 'text',
      v: 0,
      logtostderr: true,
      'custom-user-agent': '',
      version: false,
    });
  });

  it('take the node’s name and the namespaces’ rule from the environment', () => {
    expect(parse([], { NODENAME: 'n', FORCENAMESPACED: 'true' })).toMatchObject({ node: 'n', forceNamespaced: true });
  });

  it.each<[argv: string[], url: string]>([
    [[], 'http://169.254.169.254'],
    [['--metadata-ip=127.0.0.1', '--metadata-port=8081'], 'http://127.0.0.1:8081'],
    [['--metadata-ip=fd00::1', '--nmi-listen-address=::1', '--metadata-port=81'], 'http://[fd00::1]:81'],
  ])('%j say where the metadata service is', (argv, url) => {
    expect(metadataUrl(parse(argv))).toBe(url);
  });

  it.each<[sentence: string, argv: string[], message: RegExp]>([
    ['no node', ['--node='], /^--node: /],
    [
      'a DaemonSet without namespace',
      ['--daemonset=nmi'],
      /^--daemonset .*: "nmi" is not of the form namespace\/name$/,
    ],
    ['two families', ['--metadata-ip=fd00::1'], /^--nmi-listen-address: must be of the same IP family/],
    [
      'managed mode without namespaces',
      ['--operation-mode=managed'],
      /^--operation-mode=managed needs --forceNamespaced/,
    ],
    [
      'a listen address that is a name',
      ['--nmi-listen-address=localhost'],
      /^--nmi-listen-address: "localhost" is not/,
    ],
    ['no port to redirect to', ['--nmi-port=0'], /^--nmi-port: 0 is no port to redirect to/],
    [
      'closing what others redirect',
      ['--close-only', '--redirection=none'],
      /^--close-only: with --redirection=none the rules of the node are not for NMI to write/,
    ],
    ['no port behind', ['--metadata-port=0'], /^--metadata-port: 0/],
    ['a path with a slash to pass on', ['--metadata-paths=instance/compute'], /^--metadata-paths: /],
    ['identity to pass on', ['--metadata-paths=instance,identity'], /^--metadata-paths: /],
    ['an authority without TLS', ['--allowed-ad-endpoints=http://x'], /^--allowed-ad-endpoints: only https/],
    ['an authority with a path', ['--allowed-ad-endpoints=https://x/y'], /^--allowed-ad-endpoints: only https/],
    ['one port for two', ['--http-probe-port=9090'], /^--prometheus-port: .* must differ$/],
    ['a user agent of two lines', ['--custom-user-agent=a\r\nb'], /^--custom-user-agent: /],
    ['a node that would be a selector', ['--node=a,b=c'], /^--node .*: "a,b=c" is not the name of a node$/],
  ])('do not go with %s', (_, argv, message) => {
    expect(() => {
      checkFlags(parse(['--node=n', ...argv]));
    }).toThrow(message);
  });

  it('go together by default, given a node', () => {
    checkFlags(parse(['--node=n']));
    checkFlags(parse(['--node=n', '--redirection=none', '--nmi-port=0']));
    checkFlags(parse(['--node=n', '--operation-mode=managed', '--forceNamespaced']));
  });
});

describe('kubenetSign', () => {
  it.each<[sentence: string, facts: Parameters<typeof kubenetSign>[0], sign: RegExp | undefined]>([
    ['the kubelet’s flag', { kubeletConfig: 'X=--network-plugin=kubenet', interfaces: [] }, /configuration/],
    ['kubenet’s bridge', { kubeletConfig: undefined, interfaces: ['lo', 'cbr0'] }, /cbr0/],
    ['another plugin', { kubeletConfig: '--network-plugin=cni', interfaces: ['lo', 'azure0'] }, undefined],
    ['no configuration', { kubeletConfig: undefined, interfaces: [] }, undefined],
  ])('%s', (_, facts, sign) => {
    expect(kubenetSign(facts) ?? '').toMatch(sign ?? /^$/);
  });
});

describe('sharedBridges', () => {
  it.each<[sentence: string, name: string, ports: number, shared: string[]]>([
    ['a bridge that pods are attached to', 'cni0', 3, ['cni0']],
    ['none that nobody is attached to', 'docker0', 0, []],
    ['not kubenet’s own, which is refused', 'cbr0', 3, []],
  ])('tells of %s', (_, name, ports, shared) => {
    expect(sharedBridges([{ name, ports }])).toEqual(shared);
  });
});
