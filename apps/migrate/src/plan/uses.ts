import {
  type AzureIdentity,
  type AzureIdentityBinding,
  isNamespaced,
  selectorMatches,
  serviceAccountMatches,
} from '@aad-pod-identity/crd-types';
import type { Readable, World } from '../world/views.ts';
import { compareText } from './units.ts';

/** An identity that pods may use, and the binding that says so. */
export interface Use {
  readonly identity: AzureIdentity;
  readonly binding: AzureIdentityBinding;
}

export interface Caller {
  readonly namespace: string;
  /** The value of the label `aadpodidbinding`. */
  readonly label: string;
  readonly serviceAccount: string;
}

export interface Uses {
  /** The one that is taken where a request names none comes first. */
  readonly uses: readonly Use[];
  /** A sentence for each binding that selects the pods and gives them nothing. */
  readonly refused: readonly string[];
}

export interface Rules {
  readonly bindings: World['bindings'];
  readonly identities: World['identities'];
  readonly forceNamespaced: boolean;
}

export const nameOf = ({ metadata }: Pick<AzureIdentity | AzureIdentityBinding, 'metadata'>): string =>
  `${metadata.namespace}/${metadata.name}`;

function identityOf(
  binding: AzureIdentityBinding,
  identities: Rules['identities'],
): Readable<AzureIdentity> | undefined {
  const { azureIdentity } = binding.spec;
  const { namespace } = binding.metadata;
  return identities.find((each) => each.namespace === namespace && each.name === azureIdentity);
}

/** Why the binding gives the pods nothing; undefined if it gives them its identity. As MIC and NMI decide. */
function refusal({ identity, binding }: Use, caller: Caller, forceNamespaced: boolean): string | undefined {
  if (!serviceAccountMatches(binding, caller.serviceAccount)) {
    return `does not list the service account ${caller.serviceAccount}`;
  }
  const { namespace } = identity.metadata;
  if (namespace !== caller.namespace && (forceNamespaced || isNamespaced(identity))) {
    return `names ${nameOf(identity)}, which is kept to namespace ${namespace}`;
  }
  return undefined;
}

function judge(binding: AzureIdentityBinding, caller: Caller, rules: Rules): Use | string {
  const found = identityOf(binding, rules.identities);
  if (found === undefined) return `names AzureIdentity ${binding.spec.azureIdentity}, which is not in its namespace`;
  if ('problem' in found) return `names ${found.namespace}/${found.name}, which cannot be read: ${found.problem}`;
  const use = { binding, identity: found.value };
  return refusal(use, caller, rules.forceNamespaced) ?? use;
}

/** Heaviest first, then by the names of identity and binding, as NMI chooses. */
function compareUses(a: Use, b: Use): number {
  return (
    b.binding.spec.weight - a.binding.spec.weight ||
    compareText(nameOf(a.identity), nameOf(b.identity)) ||
    compareText(nameOf(a.binding), nameOf(b.binding))
  );
}

/** Which identities pods may use today, each once, and which bindings give them nothing. */
export function usesOf(caller: Caller, rules: Rules): Uses {
  const uses: Use[] = [];
  const refused: string[] = [];
  for (const read of rules.bindings) {
    if (!('value' in read) || !selectorMatches(read.value, caller.label)) continue;
    const judged = judge(read.value, caller, rules);
    if (typeof judged === 'string') refused.push(`binding ${nameOf(read.value)} ${judged}`);
    else uses.push(judged);
  }
  const sorted = uses.sort(compareUses);
  const isFirst = (use: Use, index: number): boolean =>
    sorted.findIndex(({ identity }) => nameOf(identity) === nameOf(use.identity)) === index;
  return { uses: sorted.filter(isFirst), refused };
}
