import type { ArmRequest } from './requests.ts';

/** How many requests ARM's front door still takes, of one principal and of all of them. */
const OF_SUBSCRIPTION = {
  read: ['x-ms-ratelimit-remaining-subscription-reads', 'x-ms-ratelimit-remaining-subscription-global-reads'],
  write: ['x-ms-ratelimit-remaining-subscription-writes', 'x-ms-ratelimit-remaining-subscription-global-writes'],
} as const;
/** What the compute provider still takes of this sort, by policy: `Microsoft.Compute/PutVMScaleSet3Min;37,...`. */
const OF_PROVIDER = 'x-ms-ratelimit-remaining-resource';

const count = (text: string | undefined): number[] =>
  text !== undefined && /^\d+$/.test(text.trim()) ? [Number(text)] : [];

/** A policy that ends so speaks of this one VM or scale set: it says nothing for the others. */
const isOfOne = (policy: string): boolean => /resource$/i.test(policy.trim());

function ofProvider(header: string | undefined): number[] {
  return (header ?? '').split(',').flatMap((entry) => {
    const [policy = '', left] = entry.split(';');
    return isOfOne(policy) ? [] : count(left);
  });
}

/** The fewest requests that any limit of the subscription still allows, as ARM's answer says; undefined if it says nothing. */
export function remainingIn(get: (header: string) => string | undefined, request: ArmRequest): number | undefined {
  const counts = [
    ...OF_SUBSCRIPTION[request === 'write' ? 'write' : 'read'].flatMap((header) => count(get(header))),
    ...ofProvider(get(OF_PROVIDER)),
  ];
  return counts.length === 0 ? undefined : Math.min(...counts);
}
