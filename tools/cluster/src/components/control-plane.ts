import { join } from 'node:path';
import { policySettings } from '../azure/cluster-objects.ts';
import type { KubernetesProgram } from '../bring/go-tools.ts';
import { apiServerUrl, POD_CIDR, SERVICE_CIDR, type ClusterPlan } from '../plan/cluster-plan.ts';
import { featureGates, goFlags, type Component } from './component.ts';

export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

function program(plan: ClusterPlan, name: KubernetesProgram): string {
  return join(plan.programs.kubernetes, name);
}

/** What the caller adds comes last, and so wins. */
function command(plan: ClusterPlan, name: KubernetesProgram, flags: readonly string[]): string[] {
  return [program(plan, name), ...flags, ...(plan.options.arguments[name] ?? [])];
}

export function etcd(plan: ClusterPlan): Component {
  const { layout, ports } = plan;
  const client = `https://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  const health = `http://${plan.address}:${ports.etcdHealth}`;
  const flags = {
    ...{ name: 'only', 'data-dir': layout.etcd, 'log-level': 'warn' },
    // a machine that loses power loses a test cluster: that costs less than a sync for each write
    'unsafe-no-fsync': true,
    ...{ 'listen-client-urls': client, 'advertise-client-urls': client, 'listen-metrics-urls': health },
    ...{ 'listen-peer-urls': peer, 'initial-advertise-peer-urls': peer, 'initial-cluster': `only=${peer}` },
    ...{ 'client-cert-auth': true, 'trusted-ca-file': layout.pki('ca.crt') },
    ...{ 'cert-file': layout.pki('server.crt'), 'key-file': layout.pki('server.key') },
  };
  return {
    name: 'etcd',
    command: command(plan, 'etcd', goFlags(flags)),
    after: [],
    ready: [{ kind: 'http', url: `${health}/health` }],
  };
}

function etcdClient({ layout, ports }: ClusterPlan) {
  return {
    'etcd-servers': `https://127.0.0.1:${ports.etcd}`,
    'etcd-cafile': layout.pki('ca.crt'),
    'etcd-certfile': layout.pki('etcd-client.crt'),
    'etcd-keyfile': layout.pki('etcd-client.key'),
  };
}

function identities({ layout }: ClusterPlan) {
  return {
    ...{ 'client-ca-file': layout.pki('ca.crt'), ...servingFiles(layout.pki) },
    'kubelet-client-certificate': layout.pki('kubelet-client.crt'),
    'kubelet-client-key': layout.pki('kubelet-client.key'),
    'kubelet-certificate-authority': layout.pki('ca.crt'),
    'kubelet-preferred-address-types': 'InternalIP,Hostname',
    'service-account-issuer': ISSUER,
    'service-account-key-file': layout.pki('service-account.pub'),
    'service-account-signing-key-file': layout.pki('service-account.key'),
    'requestheader-client-ca-file': layout.pki('front-proxy-ca.crt'),
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': layout.pki('front-proxy-client.crt'),
    'proxy-client-key-file': layout.pki('front-proxy-client.key'),
  };
}

function servingFiles(pki: (file: string) => string) {
  return { 'tls-cert-file': pki('server.crt'), 'tls-private-key-file': pki('server.key') };
}

function chosen({ options, layout }: ClusterPlan) {
  const { auditPolicy, admissionConfiguration } = options;
  const policies = options.azure ? policySettings(options.kubernetes) : { featureGates: {}, runtimeConfig: [] };
  return {
    'audit-policy-file': auditPolicy,
    'audit-log-path': auditPolicy === '' ? '' : layout.auditLog,
    'admission-control-config-file': admissionConfiguration,
    'feature-gates': featureGates({ ...policies.featureGates, ...options.featureGates }),
    'runtime-config': [...policies.runtimeConfig, ...options.runtimeConfig].join(','),
  };
}

export function apiServer(plan: ClusterPlan): Component {
  const { address, ports, options } = plan;
  const isNode = options.profile === 'node';
  const flags = {
    // on a node pods reach it by the node's address, and the node itself by loopback as well
    'bind-address': isNode ? '0.0.0.0' : address,
    ...{ 'advertise-address': address, 'secure-port': ports.apiServer },
    // the Service `kubernetes` of a control plane without nodes would lead to loopback, which no endpoint may be
    'endpoint-reconciler-type': isNode ? 'lease' : 'none',
    ...{ 'service-cluster-ip-range': SERVICE_CIDR, 'authorization-mode': 'Node,RBAC' },
    ...{ 'enable-admission-plugins': 'NodeRestriction', 'allow-privileged': true },
    ...etcdClient(plan),
    ...identities(plan),
    ...chosen(plan),
  };
  return {
    name: 'kube-apiserver',
    command: command(plan, 'kube-apiserver', goFlags(flags)),
    after: ['etcd'],
    ready: [{ kind: 'http', url: `${apiServerUrl(plan)}/readyz` }],
  };
}

function kubeconfigs(file: string) {
  return { kubeconfig: file, 'authentication-kubeconfig': file, 'authorization-kubeconfig': file };
}

export function controllerManager(plan: ClusterPlan): Component {
  const { layout, address, ports, options } = plan;
  const flags = {
    ...kubeconfigs(layout.config('kube-controller-manager.kubeconfig')),
    ...{ 'bind-address': address, 'secure-port': ports.controllerManager, ...servingFiles(layout.pki) },
    ...{ 'leader-elect': false, 'use-service-account-credentials': true },
    'service-account-private-key-file': layout.pki('service-account.key'),
    'root-ca-file': layout.pki('ca.crt'),
    ...{ 'cluster-signing-cert-file': layout.pki('ca.crt'), 'cluster-signing-key-file': layout.pki('ca.key') },
    ...{ 'allocate-node-cidrs': true, 'cluster-cidr': POD_CIDR, 'service-cluster-ip-range': SERVICE_CIDR },
    'feature-gates': featureGates(options.featureGates),
  };
  return {
    name: 'kube-controller-manager',
    command: command(plan, 'kube-controller-manager', goFlags(flags)),
    after: ['kube-apiserver'],
    ready: [
      { kind: 'http', url: `https://${address}:${ports.controllerManager}/healthz` },
      // without it no pod can be made in the namespace
      { kind: 'http', url: `${apiServerUrl(plan)}/api/v1/namespaces/default/serviceaccounts/default` },
    ],
  };
}

export function scheduler(plan: ClusterPlan): Component {
  const { layout, address, ports, options } = plan;
  const flags = {
    ...kubeconfigs(layout.config('kube-scheduler.kubeconfig')),
    ...{ 'bind-address': address, 'secure-port': ports.scheduler, ...servingFiles(layout.pki), 'leader-elect': false },
    'feature-gates': featureGates(options.featureGates),
  };
  return {
    name: 'kube-scheduler',
    command: command(plan, 'kube-scheduler', goFlags(flags)),
    after: ['kube-apiserver'],
    ready: [{ kind: 'http', url: `https://${address}:${ports.scheduler}/healthz` }],
  };
}
