import { join } from 'node:path';
import { PROVIDER_ID } from '../azure/world.ts';
import type { Layout } from '../plan/layout.ts';
import { apiServerUrl, DNS_ADDRESS, NODE_NAME, POD_CIDR, type ClusterPlan } from '../plan/cluster-plan.ts';
import { goFlags, type Component } from './component.ts';

export const PAUSE_IMAGE = 'aad-pod-identity.test/pause:1';
const KUBELET_PORT = 10_250;
const PROXY_HEALTH_PORT = 10_256;

export const pauseArchive = ({ node }: Layout) => join(node, 'pause.tar');
const cniFolder = ({ config }: Layout) => config('cni');

/** Its CRI settings. The Debian package has the plugins in a folder of its own. */
export function containerdConfig(layout: Layout): string {
  return `version = 2
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.tracing"]

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${PAUSE_IMAGE}"
# without CAP_SYS_RESOURCE, which containers lack, runc cannot lower it and ends
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${cniFolder(layout)}"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
`;
}

/** A bridge without masquerading: who talks to the world outside is seen with the address of its pod. */
export function cniConfig(subnet: string): object {
  const ipam = { type: 'host-local', ranges: [[{ subnet }]], routes: [{ dst: '0.0.0.0/0' }] };
  return {
    ...{ cniVersion: '0.4.0', name: 'pods' },
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, hairpinMode: true, ipMasq: false, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

export function kubeletConfig({ layout, options }: ClusterPlan, cgroup: string): object {
  return {
    ...{ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' },
    ...{ failCgroupV1: false, cgroupDriver: 'cgroupfs', cgroupRoot: `/${cgroup}`, failSwapOn: false },
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    authentication: {
      ...{ anonymous: { enabled: false }, webhook: { enabled: true } },
      x509: { clientCAFile: layout.pki('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    ...{ tlsCertFile: layout.pki('kubelet.crt'), tlsPrivateKeyFile: layout.pki('kubelet.key') },
    ...{ clusterDomain: 'cluster.local', clusterDNS: [DNS_ADDRESS], resolvConf: layout.config('resolv.conf') },
    // a full disk of the developer is no reason to evict pods of a test
    ...{ imageGCHighThresholdPercent: 100, imageGCLowThresholdPercent: 99 },
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '0%', 'imagefs.available': '0%' },
    ...{ nodeStatusUpdateFrequency: '5s', syncFrequency: '10s', runtimeRequestTimeout: '30s' },
    featureGates: options.featureGates,
  };
}

export function kubeProxyConfig({ layout, address, options }: ClusterPlan): object {
  return {
    ...{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' },
    ...{ mode: options.proxyMode, clusterCIDR: POD_CIDR, hostnameOverride: NODE_NAME },
    healthzBindAddress: `${address}:${PROXY_HEALTH_PORT}`,
    clientConnection: { kubeconfig: layout.config('kube-proxy.kubeconfig') },
    // these settings are the machine's, and may not be changed from a namespace
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

/** Configuration files of the node's programs: file below `config` -> content. */
export function nodeFiles(plan: ClusterPlan, cgroup: string): Readonly<Record<string, string>> {
  const json = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;
  return {
    'containerd.toml': containerdConfig(plan.layout),
    'cni/10-pods.conflist': json(cniConfig(POD_CIDR.replace('.0.0/16', '.0.0/24'))),
    'kubelet.json': json(kubeletConfig(plan, cgroup)),
    'kube-proxy.json': json(kubeProxyConfig(plan)),
    'resolv.conf': `nameserver ${DNS_ADDRESS}\n`,
  };
}

export function containerd({ layout, options }: ClusterPlan): Component {
  return {
    name: 'containerd',
    command: ['containerd', '--config', layout.config('containerd.toml'), ...(options.arguments.containerd ?? [])],
    after: [],
    ready: [{ kind: 'command', command: ['ctr', 'version'] }],
    afterwards: [['ctr', '--namespace', 'k8s.io', 'images', 'import', pauseArchive(layout)]],
  };
}

/** A condition of an earlier run of kubelet does not count. */
export function isNodeReady(body: string, since: number): boolean {
  const { status } = JSON.parse(body) as { status?: { conditions?: Condition[] } };
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  // the API's times are whole seconds
  return ready?.status === 'True' && Date.parse(ready.lastHeartbeatTime) + 1_000 > since;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastHeartbeatTime: string;
}

export function kubelet(plan: ClusterPlan): Component {
  const { layout, address, options, programs } = plan;
  const flags = {
    ...{ config: layout.config('kubelet.json'), kubeconfig: layout.config('kubelet.kubeconfig') },
    ...{ 'node-ip': address, 'hostname-override': NODE_NAME, 'provider-id': options.azure ? PROVIDER_ID : '' },
  };
  return {
    name: 'kubelet',
    command: [join(programs.kubernetes, 'kubelet'), ...goFlags(flags), ...(options.arguments.kubelet ?? [])],
    after: ['containerd', 'kube-apiserver'],
    ready: [
      { kind: 'http', url: `https://${address}:${KUBELET_PORT}/healthz` },
      { kind: 'http', url: `${apiServerUrl(plan)}/api/v1/nodes/${NODE_NAME}`, holds: isNodeReady },
    ],
  };
}

export function kubeProxy(plan: ClusterPlan): Component {
  const { layout, address, options, programs } = plan;
  const flags = { config: layout.config('kube-proxy.json') };
  return {
    name: 'kube-proxy',
    command: [join(programs.kubernetes, 'kube-proxy'), ...goFlags(flags), ...(options.arguments['kube-proxy'] ?? [])],
    after: ['kube-apiserver'],
    ready: [{ kind: 'http', url: `http://${address}:${PROXY_HEALTH_PORT}/healthz` }],
  };
}
