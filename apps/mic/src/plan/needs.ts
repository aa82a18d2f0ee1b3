import {
  type AzureIdentity,
  type AzureIdentityBinding,
  isNamespaced,
  serviceAccountMatches,
  validateIdentity,
} from '@aad-pod-identity/crd-types';
import type { PodView, Readable } from '../world/views.ts';
import { type Need, pairOfNeed } from './need.ts';

/** Why a binding that selects a pod gives it nothing: a closed list, for logs, Events and metrics. */
export type BlockReason =
  | 'IdentityNotFound'
  | 'IdentityUnreadable'
  | 'IdentityInvalid'
  | 'OtherNamespace'
  | 'ServiceAccountNotAllowed'
  | 'NodeWithoutProviderID';

export interface Blocked {
  readonly pod: PodView;
  readonly binding: AzureIdentityBinding;
  readonly reason: BlockReason;
  /** One line for people. */
  readonly detail: string;
}

export interface NeedsInput {
  /** Live pods of the target's nodes; `assignable` says whether the pod's node names a VM of Azure. */
  readonly pods: readonly { readonly pod: PodView; readonly assignable: boolean }[];
  readonly bindingsFor: (label: string) => readonly AzureIdentityBinding[];
  readonly identityOf: (binding: AzureIdentityBinding) => Readable<AzureIdentity> | undefined;
  /** Whether every identity is kept to its own namespace. */
  readonly forceNamespaced: boolean;
}

interface Candidate extends Need {
  readonly assignable: boolean;
  readonly forceNamespaced: boolean;
}

interface Rule {
  readonly reason: BlockReason;
  /** What is wrong, or undefined. */
  readonly problem: (candidate: Candidate) => string | undefined;
}

const isDifferent = (a: string, b: string): string | undefined =>
  a === b ? undefined : `the identity may be used in namespace ${a} only`;

/** In this order; the first that has something to say decides. */
const RULES: readonly Rule[] = [
  {
    reason: 'OtherNamespace',
    problem: ({ identity, pod, forceNamespaced }) =>
      forceNamespaced || isNamespaced(identity) ? isDifferent(identity.metadata.namespace, pod.namespace) : undefined,
  },
  {
    reason: 'ServiceAccountNotAllowed',
    problem: ({ binding, pod }) =>
      serviceAccountMatches(binding, pod.serviceAccount)
        ? undefined
        : `the binding does not list service account ${pod.serviceAccount}`,
  },
  // What types 1 and 2 lack concerns whoever asks for the token; only type 0 is MIC's own matter.
  {
    reason: 'IdentityInvalid',
    problem: ({ identity }) => (identity.spec.type === 0 ? validateIdentity(identity)[0] : undefined),
  },
  {
    reason: 'NodeWithoutProviderID',
    problem: ({ identity, pod, assignable }) =>
      identity.spec.type === 0 && !assignable ? `node ${pod.node} has no providerID of an Azure VM yet` : undefined,
  },
];

/** Of several bindings the first decides: the heaviest, then by name, so that the choice is the same every time. */
function byWeightThenName(a: AzureIdentityBinding, b: AzureIdentityBinding): number {
  if (a.spec.weight !== b.spec.weight) return b.spec.weight - a.spec.weight;
  const [nameOfA, nameOfB] = [a, b].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  return (nameOfA ?? '') < (nameOfB ?? '') ? -1 : 1;
}

function judge(
  binding: AzureIdentityBinding,
  { pod, assignable }: NeedsInput['pods'][number],
  { identityOf, forceNamespaced }: NeedsInput,
): { need: Need } | { blocked: Blocked } {
  const found = identityOf(binding);
  if (found === undefined) {
    const detail = `there is no AzureIdentity ${binding.metadata.namespace}/${binding.spec.azureIdentity}`;
    return { blocked: { pod, binding, reason: 'IdentityNotFound', detail } };
  }
  if ('problem' in found) return { blocked: { pod, binding, reason: 'IdentityUnreadable', detail: found.problem } };
  const need = { pod, binding, identity: found.value };
  for (const { reason, problem } of RULES) {
    const detail = problem({ ...need, assignable, forceNamespaced });
    if (detail !== undefined) return { blocked: { pod, binding, reason, detail } };
  }
  return { need };
}

/** Which pods are to have which identities, each pair once, and what stands in the way of the others. */
export function findNeeds(input: NeedsInput): { needs: readonly Need[]; blocked: readonly Blocked[] } {
  const needs = new Map<string, Need>();
  const blocked: Blocked[] = [];
  for (const entry of input.pods) {
    for (const binding of [...input.bindingsFor(entry.pod.label)].sort(byWeightThenName)) {
      const judged = judge(binding, entry, input);
      if ('blocked' in judged) blocked.push(judged.blocked);
      else if (!needs.has(pairOfNeed(judged.need))) needs.set(pairOfNeed(judged.need), judged.need);
    }
  }
  return { needs: [...needs.values()], blocked };
}
