import type { Target } from './target.ts';

export interface AssignedIdentity {
  /** The resource id as ARM gave it, in whatever case. */
  readonly id: string;
  readonly clientId?: string;
  readonly principalId?: string;
}

/** The identities on one VM or scale set. */
export interface ResourceIdentities {
  /** As ARM gave it: `None`, `SystemAssigned`, `UserAssigned` or `SystemAssigned, UserAssigned`. */
  readonly type: string;
  readonly systemAssigned: boolean;
  /** By lower-cased resource id. */
  readonly userAssigned: ReadonlyMap<string, AssignedIdentity>;
  /** Such as `Succeeded`, `Updating`, `Deleting`; undefined if ARM gave none. */
  readonly provisioningState: string | undefined;
}

export interface IdentityChange {
  /** Resource ids to assign and to take off; ids of both kinds not named stay. At most 150 together. */
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** What is on the resource now: from it follows the `type` to write. */
  readonly current: ResourceIdentities;
  /** Without one, or with one that is spent, the write waits for its turn. */
  readonly turn?: WriteTurn | undefined;
}

/** The right to write once to a VM or scale set, within what its subscription allows. */
export interface WriteTurn {
  /** Once true, then false. */
  spend(): boolean;
  /** It is not needed any more. Without effect once it is spent or given back. */
  giveBack(): void;
}

export interface UserAssignedIdentity {
  readonly clientId: string;
  readonly principalId: string;
  readonly tenantId: string;
}

/** One attempt each; nothing is retried here. Every call ends within its deadline. What the token source throws is passed on. */
export interface ArmClient {
  /**
   * Waits for the turn of a write. What to write is best decided afterwards: it may have become pointless meanwhile.
   * @throws the signal's reason when `signal` aborts
   */
  writeTurn(target: Target, signal?: AbortSignal): Promise<WriteTurn>;
  /** @throws ArmError, or the signal's reason when `signal` aborts. */
  getIdentities(target: Target, signal?: AbortSignal): Promise<ResourceIdentities>;
  /**
   * Writes one change and waits until ARM has carried it out.
   * @throws ArmError, or the signal's reason when `signal` aborts. After an abort, a `timeout`, an `unreachable` or a
   * `throttled` the write may be under way or done: read before the next one.
   */
  updateIdentities(target: Target, change: IdentityChange, signal?: AbortSignal): Promise<ResourceIdentities>;
  /** @throws ArmError (`notFound` if there is none), or the signal's reason when `signal` aborts. */
  lookupIdentity(resourceId: string, signal?: AbortSignal): Promise<UserAssignedIdentity>;
}

/** Where the bearer token for ARM comes from: IMDS or Entra ID, cached by the caller. */
export interface TokenSource {
  /** `expiresOn` in seconds since the Unix epoch. */
  getToken(audience: string, signal?: AbortSignal): Promise<{ readonly token: string; readonly expiresOn: number }>;
  /** ARM does not take this token (401): it was withdrawn, or has ended whatever it says. */
  refused?(audience: string, token: string): void;
}

/** Deadlines and intervals in milliseconds. */
export interface ArmTimeouts {
  /** One HTTP exchange: a GET, the PATCH itself, one poll. */
  readonly callMs: number;
  /** A whole write with all its polls. */
  readonly operationMs: number;
  /** Until the next poll of a write that has been under way for so long, where ARM says nothing by `Retry-After`. */
  readonly pollIntervalMs: (elapsedMs: number) => number;
}

/** The most ids one PATCH may name. */
export const MAX_IDS_PER_UPDATE = 150;
