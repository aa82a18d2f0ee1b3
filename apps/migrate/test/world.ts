import {
  readAzureIdentity,
  readAzureIdentityBinding,
  readAzurePodIdentityException,
} from '@aad-pod-identity/crd-types';
import { slimPod, slimReadable, slimServiceAccount, slimWorkload } from '../src/world/slim.ts';
import type { World } from '../src/world/views.ts';

/** An object of the API server, whatever is in it. */
export interface Raw {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: unknown;
  readonly spec?: unknown;
}

const identity = slimReadable(readAzureIdentity);
const binding = slimReadable(readAzureIdentityBinding);
const exception = slimReadable(readAzurePodIdentityException);

/** The world of these objects, read as those of an API server are. */
export function worldOf(...objects: readonly Raw[]): World {
  const of = <T>(kind: string, slim: (raw: unknown) => T | undefined): T[] =>
    objects
      .filter((object) => object.kind === kind)
      .map(slim)
      .filter((each) => each !== undefined);
  const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'];
  const apiVersion = (kind: string): string => (kind.endsWith('Job') ? 'batch/v1' : 'apps/v1');
  return {
    pods: of('Pod', slimPod),
    workloads: kinds.flatMap((kind) => of(kind, slimWorkload({ apiVersion: apiVersion(kind), kind }))),
    serviceAccounts: of('ServiceAccount', slimServiceAccount),
    identities: of('AzureIdentity', identity),
    bindings: of('AzureIdentityBinding', binding),
    exceptions: of('AzurePodIdentityException', exception),
  };
}

export const CLIENT = '11111111-2222-4333-8444-555555555555';
export const OTHER_CLIENT = '66666666-7777-4888-8999-000000000000';
