import { type AzurePodIdentityException, exceptionMatches } from '@aad-pod-identity/crd-types';
import type { Pod } from './pod.ts';

export interface ExceptionRules {
  /** The exceptions of a namespace. */
  readonly exceptionsIn: (namespace: string) => readonly AzurePodIdentityException[];
  readonly micNamespace: string;
  readonly micServiceAccounts: readonly string[];
}

/** The exception that the chart makes for MIC; it excuses nobody else, whatever labels somebody puts on a pod. */
const MIC_EXCEPTION = 'mic';

/** Any pod may run as this one. */
const SHARED_SERVICE_ACCOUNT = 'default';

function isMic(pod: Pod, { micNamespace, micServiceAccounts }: ExceptionRules): boolean {
  const { namespace, serviceAccountName } = pod;
  if (serviceAccountName === SHARED_SERVICE_ACCOUNT) return false;
  return namespace === micNamespace && micServiceAccounts.includes(serviceAccountName);
}

/**
 * Why `pod` gets the node's own identities instead of bound ones; undefined if it doesn't. That is all of the node's
 * identities, so only MIC by its service account and the pods that an administrator excepted are.
 */
export function exceptionFor(pod: Pod, rules: ExceptionRules): string | undefined {
  if (isMic(pod, rules)) return 'MIC';
  const exception = rules
    .exceptionsIn(pod.namespace)
    .find(
      ({ metadata, ...rest }) => metadata.name !== MIC_EXCEPTION && exceptionMatches({ metadata, ...rest }, pod.labels),
    );
  return exception === undefined ? undefined : `exception ${exception.metadata.namespace}/${exception.metadata.name}`;
}
