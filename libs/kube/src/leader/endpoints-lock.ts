import type { KubeClient } from '../client.ts';
import { isKubeError } from '../errors.ts';
import { endpoints, type KubeObject, type Resource } from '../resources.ts';
import type { Lock, LockCall, LockRecord } from './lock.ts';

/**
 * An annotation of an Endpoints object as the lock: what client-go had before there were Leases, and what MIC 1.8.17
 * holds. The record is JSON, its times whole seconds. The controller manager leaves Endpoints without a Service alone
 * only while they carry this annotation, so it is never taken off.
 */
export const LOCK_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';

interface ElectionRecord {
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly leaderTransitions: number;
}

/** As a record whose holder nobody is: it has to stand still for a whole lease before it is overwritten. */
const UNREADABLE = 'a record that cannot be read';
const DEFAULT_DURATION_MS = 15_000;

const resource = endpoints as Resource<KubeObject>;
const call = ({ signal, timeoutMs }: LockCall) => ({ signal, timeoutMs, priority: 'lease' as const, retries: 0 });

type Fields = Readonly<Partial<Record<keyof ElectionRecord, unknown>>>;

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

function parse(text: string): Fields {
  try {
    return Object(JSON.parse(text)) as Fields;
  } catch {
    return { holderIdentity: UNREADABLE, renewTime: text };
  }
}

function recordOf({ metadata }: KubeObject): LockRecord {
  const record = parse(metadata?.annotations?.[LOCK_ANNOTATION] ?? '{}');
  const seconds = Number(record.leaseDurationSeconds);
  return {
    holder: textIn(record.holderIdentity),
    durationMs: seconds > 0 ? seconds * 1000 : DEFAULT_DURATION_MS,
    acquireTime: textIn(record.acquireTime),
    renewTime: textIn(record.renewTime),
    transitions: Number(record.leaderTransitions) || 0,
  };
}

/** Go's `metav1.Time`. */
const wholeSecond = (microTime: string): string => `${microTime.slice(0, 19)}Z`;

/** Field by field in client-go's order, so that nobody can tell who wrote it. */
function textOf({ holder, durationMs, acquireTime, renewTime, transitions }: LockRecord): string {
  const record: ElectionRecord = {
    holderIdentity: holder,
    leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)),
    acquireTime: wholeSecond(acquireTime),
    renewTime: wholeSecond(renewTime),
    leaderTransitions: transitions,
  };
  return JSON.stringify(record);
}

/** Everything else in the object stays as it was read. */
function withRecord(object: KubeObject, record: LockRecord): KubeObject {
  const annotations = { ...object.metadata?.annotations, [LOCK_ANNOTATION]: textOf(record) };
  return { ...object, apiVersion: 'v1', kind: 'Endpoints', metadata: { ...object.metadata, annotations } };
}

export function createEndpointsLock(client: KubeClient, ref: { namespace: string; name: string }): Lock {
  return {
    name: `${ref.namespace}/${ref.name} (Endpoints)`,
    read: async (options) => {
      try {
        const object = await client.get(resource, ref, call(options));
        return { record: recordOf(object), resourceVersion: object.metadata?.resourceVersion ?? '', object };
      } catch (error) {
        if (isKubeError(error, 'notFound')) return undefined;
        throw error;
      }
    },
    create: async (record, options) => {
      await client.create(
        resource,
        { namespace: ref.namespace },
        withRecord({ metadata: { ...ref } }, record),
        call(options),
      );
    },
    update: async (record, { object = { metadata: { ...ref } } }, options) => {
      await client.replace(resource, ref, withRecord(object, record), call(options));
    },
  };
}
