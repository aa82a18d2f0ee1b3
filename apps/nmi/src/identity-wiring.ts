import type { AzureAssignedIdentity } from '@aad-pod-identity/crd-types';
import { namespacedName } from '@aad-pod-identity/kube';
import type { Clock } from '@aad-pod-identity/runtime';
import type { Flags } from './flags.ts';
import { assignedGrants, type AssignedWorld } from './identity/assigned.ts';
import { boundGrants } from './identity/bound.ts';
import { createIdentityFinder, type IdentityFinder, type WaitBudgets } from './identity/find-identity.ts';
import type { Subscribe } from './identity/next-change.ts';
import type { KnownSettings } from './namespace-settings/known-settings.ts';
import { rememberedGrants } from './identity/remembered-grants.ts';
import type { Pod } from './pod.ts';
import { type Stores, subscribeToGrants } from './stores.ts';

/** What objects that exist already may take to arrive through a watch. */
const WATCH_MS = 2_000;

function budgetsOf(flags: Flags): WaitBudgets {
  const intervalMs = flags['find-identity-retry-interval'] * 1000;
  return {
    watchMs: WATCH_MS,
    createdMs: flags['retry-attempts-for-created'] * intervalMs,
    assignedMs: flags['retry-attempts-for-assigned'] * intervalMs,
    heavierMs: flags['heavier-identity-wait-seconds'] * 1000,
  };
}

/**
 * Tells what becomes of a pod. One that a look-up found before the watch is taken as it was until the watch says
 * anything else under its name, which may be an older pod's.
 */
function followPod({ pods }: Stores, pod: Pod): () => Pod | undefined {
  const key = namespacedName(pod);
  const before = pods.get(key);
  let isAhead = before?.uid !== pod.uid;
  return () => {
    const now = pods.get(key);
    isAhead &&= now === before;
    if (now?.uid === pod.uid) return now;
    return isAhead ? pod : undefined;
  };
}

/**
 * MIC's records for the pods of this node, by namespace and name. A pod that moved may for a moment have only that of its
 * old node, whose machine is another. An empty node is that of a record that nobody completed.
 */
function recordsOfNode({ records }: Stores, node: string): AssignedWorld['recordsOf'] {
  const isHere = ({ spec }: AzureAssignedIdentity): boolean => spec.nodename === node || spec.nodename === '';
  return (namespace, name) => records.by('pod', namespacedName({ namespace, name })).filter(isHere);
}

/** While that is not known, nothing leaves its namespace. */
export function keepsIdentities(settings: KnownSettings, namespace: string): boolean {
  return settings.of(namespace)?.namespaced ?? true;
}

function bothOf(a: Subscribe, b: Subscribe): Subscribe {
  return (onChange) => {
    const ends = [a(onChange), b(onChange)];
    return () => {
      for (const end of ends) end();
    };
  };
}

export interface IdentityWiring {
  readonly flags: Flags;
  readonly stores: Stores;
  readonly settings: KnownSettings;
  readonly clock: Clock;
}

/** Who may have what, by the mode of operation. */
export function wireIdentities({ flags, stores, settings, clock }: IdentityWiring): IdentityFinder {
  const world = {
    bindingsBySelector: (selector: string) => stores.bindings.by('selector', selector),
    identity: (namespace: string, name: string) => stores.identities.get(namespacedName({ namespace, name })),
    recordsOf: recordsOfNode(stores, flags.node),
    forceNamespaced: flags.forceNamespaced,
    keepsIdentities: (namespace: string) => keepsIdentities(settings, namespace),
  };
  const subscribe = bothOf(subscribeToGrants(stores), settings.subscribe);
  return createIdentityFinder({
    grants: rememberedGrants(
      flags['operation-mode'] === 'managed' ? boundGrants(world) : assignedGrants(world),
      subscribe,
    ),
    follow: (pod) => followPod(stores, pod),
    subscribe,
    clock,
    budgets: budgetsOf(flags),
    pendingIsRetryable: flags['set-retry-after-header'],
  });
}
