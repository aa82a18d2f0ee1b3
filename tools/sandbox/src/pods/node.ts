import { leases, nodes, type KubeClient } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';

export interface NodeOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly name: string;
  readonly providerID: string;
  /** Port of 127.0.0.1 where its kubelet answers; undefined where nobody asks it. */
  readonly kubeletPort: number | undefined;
}

const LEASE_NAMESPACE = 'kube-node-lease';
/** As a kubelet does it: a lease of 40 s, renewed every 10. */
const LEASE_SECONDS = 40;
const RENEW_MS = 10_000;
/** One address each, 127.a.b.2 to 127.a.b.254. */
const POD_CAPACITY = '253';

const isoTime = (clock: Clock) => new Date(clock.now()).toISOString();
const renewTime = (clock: Clock) => isoTime(clock).replace('Z', '000Z');

const TROUBLES = ['MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** What a kubelet reports of a node that is well. */
function readyStatus({ name, kubeletPort }: NodeOptions, now: string) {
  const condition = (type: string, status: 'True' | 'False', reason: string) => ({
    ...{ type, status, reason, message: 'the sandbox runs' },
    ...{ lastHeartbeatTime: now, lastTransitionTime: now },
  });
  const resources = { pods: POD_CAPACITY };
  return {
    ...{ capacity: resources, allocatable: resources },
    conditions: [
      ...TROUBLES.map((type) => condition(type, 'False', `KubeletHasNo${type}`)),
      condition('Ready', 'True', 'KubeletReady'),
    ],
    addresses: [
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'Hostname', address: name },
    ],
    ...(kubeletPort === undefined ? {} : { daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } } }),
    nodeInfo: { kubeletVersion: 'sandbox', operatingSystem: 'linux', containerRuntimeVersion: 'node://process' },
  };
}

/** The sandbox's one node, Ready, with a lease that says when it was last heard of. */
export async function createNode(options: NodeOptions): Promise<void> {
  const { client, clock, name, providerID } = options;
  await client.create(
    nodes,
    {},
    {
      ...{ apiVersion: 'v1', kind: 'Node', spec: { providerID } },
      metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
    },
  );
  const status = readyStatus(options, isoTime(clock));
  await client.patch(nodes, { name }, { status }, { type: 'merge', subresource: 'status' });
  const spec = { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: renewTime(clock) };
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec };
  await client.create(leases, { namespace: LEASE_NAMESPACE }, lease);
}

/** Renews the lease until `signal` aborts; `clock.sleep` throws then, which ends the loop. */
export async function keepNodeAlive({ client, clock, logger, name }: NodeOptions, signal: AbortSignal): Promise<void> {
  const ref = { namespace: LEASE_NAMESPACE, name };
  for (;;) {
    await clock.sleep(RENEW_MS, signal);
    const body = { spec: { renewTime: renewTime(clock) } };
    await client.patch(leases, ref, body, { type: 'merge' }, { signal }).catch((error: unknown) => {
      if (!signal.aborted) logger.warn('the lease of the node could not be renewed', { err: error as Error });
    });
  }
}
