import { BEHAVIOR_ANNOTATION, NAMESPACED_BEHAVIOR } from './group.ts';
import type { AzureIdentity, AzureIdentityBinding, AzurePodIdentityException } from './types.ts';

/** Whether the identity itself says that only pods of its own namespace may use it. Key and value in any case. */
export function isNamespaced(identity: AzureIdentity): boolean {
  return Object.entries(identity.metadata.annotations).some(
    ([key, value]) =>
      key.toLowerCase() === BEHAVIOR_ANNOTATION.toLowerCase() && value.toLowerCase() === NAMESPACED_BEHAVIOR,
  );
}

/** Whether the binding selects pods whose label has this value. Exact; an empty selector or label matches nothing. */
export function selectorMatches(binding: AzureIdentityBinding, labelValue: string | undefined): boolean {
  return binding.spec.selector !== '' && binding.spec.selector === labelValue;
}

/** Whether the binding lets pods that run as this service account have the identity; without a list, all may. */
export function serviceAccountMatches(binding: AzureIdentityBinding, serviceAccountName: string): boolean {
  const { serviceAccountNames } = binding.spec;
  return serviceAccountNames.length === 0 || serviceAccountNames.includes(serviceAccountName);
}

/** Whether one of the exception's labels is on the pod: keys exactly, values in any case. None listed: none excepted. */
export function exceptionMatches(
  exception: AzurePodIdentityException,
  podLabels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(exception.spec.podLabels).some(([key, wanted]) => {
    const value = Object.hasOwn(podLabels, key) ? podLabels[key] : undefined;
    return value?.toLowerCase() === wanted.toLowerCase();
  });
}
