import type { Cluster } from '../cluster.ts';
import type { Answer, ApiRequest } from '../http/request.ts';
import type { Target } from '../http/target.ts';

export function special(_cluster: Cluster, _target: Target, _request: ApiRequest): Answer | undefined {
  return undefined;
}
