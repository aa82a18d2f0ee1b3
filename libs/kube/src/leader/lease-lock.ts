import type { KubeClient } from '../client.ts';
import { isKubeError } from '../errors.ts';
import { leases, type KubeObject, type Resource } from '../resources.ts';
import type { Lock, LockCall, LockRecord } from './lock.ts';

interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

const resource = leases as Resource<Lease>;

/** Renewals pass the client's rate limit: work must never cost the leadership. They are tried by the elector itself. */
const call = ({ signal, timeoutMs }: LockCall) => ({ signal, timeoutMs, priority: 'lease' as const, retries: 0 });

function recordOf({ spec = {} }: Lease): LockRecord {
  return {
    holder: spec.holderIdentity ?? '',
    durationMs: (spec.leaseDurationSeconds ?? 0) * 1000,
    acquireTime: spec.acquireTime ?? '',
    renewTime: spec.renewTime ?? '',
    transitions: spec.leaseTransitions ?? 0,
  };
}

/** Kubernetes counts a lease in whole seconds, at least one. */
const wholeSeconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));

function leaseOf(metadata: NonNullable<KubeObject['metadata']>, record: LockRecord): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata,
    spec: {
      holderIdentity: record.holder,
      leaseDurationSeconds: wholeSeconds(record.durationMs),
      acquireTime: record.acquireTime,
      renewTime: record.renewTime,
      leaseTransitions: record.transitions,
    },
  };
}

/** A `coordination.k8s.io/v1` Lease as the lock. */
export function createLeaseLock(client: KubeClient, ref: { namespace: string; name: string }): Lock {
  return {
    name: `${ref.namespace}/${ref.name} (Lease)`,
    read: async (options) => {
      try {
        const lease = await client.get(resource, ref, call(options));
        return { record: recordOf(lease), resourceVersion: lease.metadata?.resourceVersion ?? '' };
      } catch (error) {
        if (isKubeError(error, 'notFound')) return undefined;
        throw error;
      }
    },
    create: async (record, options) => {
      await client.create(resource, { namespace: ref.namespace }, leaseOf(ref, record), call(options));
    },
    update: async (record, { resourceVersion }, options) => {
      await client.replace(resource, ref, leaseOf({ ...ref, resourceVersion }, record), call(options));
    },
  };
}
