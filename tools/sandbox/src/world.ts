import {
  readAzureAssignedIdentity,
  readAzureIdentity,
  readAzureIdentityBinding,
  type AzureAssignedIdentity,
  type AzureIdentity,
  type AzureIdentityBinding,
  type Read,
} from '@aad-pod-identity/crd-types';
import * as kube from '@aad-pod-identity/kube';
import { runTasks, type Clock } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';

/** One AzureAssignedIdentity, as the page and the story need it. */
export interface Assignment {
  readonly namespace: string;
  readonly name: string;
  readonly pod: string;
  readonly podNamespace: string;
  /** Name of the AzureIdentity. */
  readonly identity: string;
  readonly state: string;
  readonly reason: string;
}

/** The project's own objects in the cluster, live. */
export interface World {
  readonly identities: kube.Store<AzureIdentity>;
  readonly bindings: kube.Store<AzureIdentityBinding>;
  assignments(): readonly Assignment[];
  subscribe(listener: () => void): () => void;
  run(signal: AbortSignal): Promise<void>;
  whenSynced(signal: AbortSignal): Promise<unknown>;
}

interface Options {
  readonly client: kube.KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A store and the reflector that fills it; objects that can't be read are left out. */
function reflected<T extends { metadata: kube.ObjectMeta | { name: string; namespace: string } }>(
  options: Options,
  resource: kube.Resource,
  read: (raw: unknown) => Read<T>,
) {
  const store = new kube.Store<T>({ key: ({ metadata }) => kube.namespacedName(metadata) });
  const slim = (raw: unknown) => {
    const result = read(raw);
    return result.ok ? result.value : undefined;
  };
  return { store, reflector: kube.createReflector<T>({ ...options, resource, slim, store }) };
}

export function createWorld(options: Options): World {
  const identities = reflected(options, kube.azureIdentities, readAzureIdentity);
  const bindings = reflected(options, kube.azureIdentityBindings, readAzureIdentityBinding);
  const assigned = reflected(options, kube.azureAssignedIdentities, readAzureAssignedIdentity);
  const all = { identities, bindings, assigned };
  const reflectors = Object.values(all).map(({ reflector }) => reflector);
  return {
    identities: identities.store,
    bindings: bindings.store,
    assignments: () => [...assigned.store.list()].map(assignmentOf),
    subscribe: (listener) => {
      const ends = [identities, bindings, assigned].map(({ store }) => store.subscribe(listener));
      return () => {
        for (const end of ends) end();
      };
    },
    run: (signal) =>
      runTasks(
        Object.fromEntries(
          Object.entries(all).map(([name, { reflector }]) => [name, (stop: AbortSignal) => reflector.run(stop)]),
        ),
        {
          signal,
          clock: options.clock,
        },
      ),
    whenSynced: (signal) => Promise.all(reflectors.map((reflector) => reflector.whenSynced(signal))),
  };
}

function assignmentOf({ metadata, spec, status }: AzureAssignedIdentity): Assignment {
  const failing = status.conditions.find((condition) => condition.status !== 'True');
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    pod: spec.pod,
    podNamespace: spec.podNamespace,
    identity: spec.azureIdentityRef?.metadata.name ?? '',
    state: status.status,
    reason: failing?.message ?? '',
  };
}
