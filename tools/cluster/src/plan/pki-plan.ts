import { SERVICE_ADDRESS, NODE_NAME } from './cluster-plan.ts';

/** A certificate of the cluster: to Kubernetes its common name is a user, its organization a group. */
export interface CertificatePlan {
  readonly file: string;
  readonly user: string;
  readonly group?: string;
  readonly altNames: readonly string[];
}

const API_NAMES = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];

export function certificatePlan(address: string): readonly CertificatePlan[] {
  const client = (file: string, user: string, group?: string): CertificatePlan => ({
    ...{ file, user, altNames: ['localhost'] },
    ...(group === undefined ? {} : { group }),
  });
  return [
    {
      ...{ file: 'server', user: 'kubernetes' },
      altNames: [...API_NAMES, 'kubernetes.default.svc.cluster.local', '127.0.0.1', SERVICE_ADDRESS, address],
    },
    { ...client('kubelet', `system:node:${NODE_NAME}`, 'system:nodes'), altNames: [NODE_NAME, address, '127.0.0.1'] },
    client('admin', 'admin', 'system:masters'),
    client('etcd-client', 'etcd-client'),
    client('kubelet-client', 'kube-apiserver-kubelet-client', 'system:masters'),
    client('kube-controller-manager', 'system:kube-controller-manager'),
    client('kube-scheduler', 'system:kube-scheduler'),
    client('kube-proxy', 'system:kube-proxy'),
  ];
}

/** Programs that are given a kubeconfig: file name -> certificate. */
export const KUBECONFIGS: Readonly<Record<string, string>> = {
  'kube-controller-manager.kubeconfig': 'kube-controller-manager',
  'kube-scheduler.kubeconfig': 'kube-scheduler',
  'kube-proxy.kubeconfig': 'kube-proxy',
  'kubelet.kubeconfig': 'kubelet',
};
