import { type AzureIdentity, type AzureIdentityBinding, validateBinding } from '@aad-pod-identity/crd-types';
import type { Readable } from '../world/views.ts';
import { identityProblem } from './identity-problem.ts';
import { byWeightThenName } from './needs.ts';
import { type Named, named, type Notice, type Problem } from './notice.ts';

export interface BindingScene {
  readonly binding: Readable<AzureIdentityBinding>;
  /** What it names. */
  readonly identity: Readable<AzureIdentity> | undefined;
  /** Others that name the same. */
  readonly others: readonly AzureIdentityBinding[];
  /** Whether a pod carries its label, or did. */
  readonly hasMatched: boolean;
}

/** Whether `other` comes first and gives the identity to each pod to which `binding` would give it. */
function isCoveredBy(binding: AzureIdentityBinding, other: AzureIdentityBinding): boolean {
  if (other.spec.selector !== binding.spec.selector || byWeightThenName(other, binding) > 0) return false;
  const [theirs, ours] = [other.spec.serviceAccountNames, binding.spec.serviceAccountNames];
  return theirs.length === 0 || (ours.length > 0 && ours.every((name) => theirs.includes(name)));
}

function duplicate(binding: AzureIdentityBinding, others: readonly AzureIdentityBinding[]): Problem | undefined {
  const other = others.find((each) => isCoveredBy(binding, each));
  if (other === undefined) return undefined;
  const { azureIdentity } = binding.spec;
  const detail = `binding ${other.metadata.name} gives identity ${azureIdentity} to the same pods, and comes first`;
  return { reason: 'DuplicateBinding', detail };
}

function ofReadable(binding: AzureIdentityBinding, { identity, others, hasMatched }: BindingScene): Problem[] {
  const { selector } = binding.spec;
  const detail = `no pod carries the label aadpodidbinding: ${selector}`;
  const unmatched: Problem | undefined = hasMatched ? undefined : { reason: 'SelectorMatchesNothing', detail };
  return [identityProblem(binding, identity), duplicate(binding, others), unmatched].filter(
    (problem) => problem !== undefined,
  );
}

function problemsOf(scene: BindingScene): Problem[] {
  const { binding } = scene;
  if ('problem' in binding) return [{ reason: 'BindingUnreadable', detail: binding.problem }];
  if (binding.value.metadata.deletionTimestamp !== '') return [];
  const [detail] = validateBinding(binding.value);
  return detail === undefined ? ofReadable(binding.value, scene) : [{ reason: 'BindingInvalid', detail }];
}

const nameOf = (binding: Readable<AzureIdentityBinding>): Named =>
  'value' in binding ? named(binding.value.metadata) : named(binding);

/** What is wrong with a binding whatever the pod. */
export function bindingNotices(scene: BindingScene): Notice[] {
  return problemsOf(scene).map((problem) => ({ ...problem, binding: nameOf(scene.binding) }));
}
