/**
 * What a request to ARM is for. ARM counts reads and writes apart; of the reads, those that look at a VM or scale set
 * come before those that follow a write, and both before those that look an identity up.
 */
export type ArmRequest = 'write' | 'read' | 'poll' | 'lookup';

const COMPUTE =
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.compute\/(?:virtualmachines|virtualmachinescalesets)\/[^/]+\/?$/i;
const IDENTITY = /\/providers\/microsoft\.managedidentity\/userassignedidentities\/[^/]+\/?$/i;
const SUBSCRIPTION = /^\/subscriptions\/([^/]+)\//i;

/** Whatever else is read is what ARM named to follow a write by. */
export function requestOf(method: string, path: string): ArmRequest {
  if (method !== 'GET') return 'write';
  if (COMPUTE.test(path)) return 'read';
  return IDENTITY.test(path) ? 'lookup' : 'poll';
}

/** Lower-cased; undefined if the path names none. */
export function subscriptionOf(path: string): string | undefined {
  return SUBSCRIPTION.exec(path)?.[1]?.toLowerCase();
}
