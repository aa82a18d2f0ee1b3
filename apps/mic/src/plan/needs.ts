import {
  type AzureIdentity,
  type AzureIdentityBinding,
  isNamespaced,
  serviceAccountMatches,
} from '@aad-pod-identity/crd-types';
import type { PodView, Readable } from '../world/views.ts';
import { invalidity, notFound, unreadable } from './identity-problem.ts';
import { type Need, pairOfNeed } from './need.ts';
import { named, type Notice, type Problem } from './notice.ts';
import type { Reason } from './reasons.ts';

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
  readonly reason: Reason;
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
  { reason: 'IdentityInvalid', problem: ({ identity }) => invalidity(identity) },
  {
    reason: 'NodeWithoutProviderID',
    problem: ({ identity, pod, assignable }) =>
      identity.spec.type === 0 && !assignable ? `node ${pod.node} has no providerID of an Azure VM yet` : undefined,
  },
];

/** Conditions that somebody set: a pod that they turn away is told so only if no other binding has anything for it. */
const TURNED_AWAY: readonly Reason[] = ['OtherNamespace', 'ServiceAccountNotAllowed'];

/** Of several bindings the first decides: the heaviest, then by name, so that the choice is the same every time. */
export function byWeightThenName(a: AzureIdentityBinding, b: AzureIdentityBinding): number {
  if (a.spec.weight !== b.spec.weight) return b.spec.weight - a.spec.weight;
  const [nameOfA, nameOfB] = [a, b].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  return (nameOfA ?? '') < (nameOfB ?? '') ? -1 : 1;
}

type Judgement = { readonly need: Need } | { readonly notice: Notice };

function problemOf(
  binding: AzureIdentityBinding,
  entry: NeedsInput['pods'][number],
  input: NeedsInput,
): Problem | Need {
  const { pod, assignable } = entry;
  const { forceNamespaced } = input;
  const otherNamespace = forceNamespaced ? isDifferent(binding.metadata.namespace, pod.namespace) : undefined;
  if (otherNamespace !== undefined) return { reason: 'OtherNamespace', detail: otherNamespace };
  const identity = input.identityOf(binding);
  if (identity === undefined) return notFound(binding);
  if ('problem' in identity) return unreadable(identity.problem);
  const need = { pod, binding, identity: identity.value };
  for (const { reason, problem } of RULES) {
    const detail = problem({ ...need, assignable, forceNamespaced });
    if (detail !== undefined) return { reason, detail };
  }
  return need;
}

function judge(binding: AzureIdentityBinding, entry: NeedsInput['pods'][number], input: NeedsInput): Judgement {
  const found = problemOf(binding, entry, input);
  if (!('reason' in found)) return { need: found };
  const identity = `${binding.metadata.namespace}/${binding.spec.azureIdentity}`;
  return { notice: { ...found, pod: entry.pod, binding: named(binding.metadata), identity } };
}

function noBinding(pod: PodView): Notice {
  return { reason: 'NoBinding', detail: `no AzureIdentityBinding selects aadpodidbinding: ${pod.label}`, pod };
}

/** What is worth telling of a pod, of all that its bindings do not give it. */
function worthTelling(pod: PodView, judged: readonly Judgement[]): Notice[] {
  if (judged.length === 0) return [noBinding(pod)];
  const notices = judged.flatMap((each) => ('notice' in each ? [each.notice] : []));
  const told = notices.filter(({ reason }) => !TURNED_AWAY.includes(reason));
  return told.length > 0 || notices.length < judged.length ? told : notices.slice(0, 1);
}

/** Which pods are to have which identities, each pair once, and what stands in the way of the others. */
export function findNeeds(input: NeedsInput): { needs: readonly Need[]; blocked: readonly Notice[] } {
  const needs = new Map<string, Need>();
  const blocked: Notice[] = [];
  for (const entry of input.pods) {
    const bindings = [...input.bindingsFor(entry.pod.label)].sort(byWeightThenName);
    const judged = bindings.map((binding) => judge(binding, entry, input));
    for (const each of judged) {
      if ('need' in each && !needs.has(pairOfNeed(each.need))) needs.set(pairOfNeed(each.need), each.need);
    }
    blocked.push(...worthTelling(entry.pod, judged));
  }
  return { needs: [...needs.values()], blocked };
}
