const IDENTITY_ID =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.managedidentity\/userassignedidentities\/([^/]+)$/i;

export interface IdentityName {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** Resource ids compare without regard to case. */
export const idKey = (id: string): string => id.toLowerCase();

/** The parts of a user-assigned identity's resource id, in any case; undefined if it is none. */
export function parseIdentityId(id: string): IdentityName | undefined {
  const [, subscriptionId, resourceGroup, name] = IDENTITY_ID.exec(id) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscriptionId, resourceGroup, name };
}
