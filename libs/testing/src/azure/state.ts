import { type RecordedRequest, Recorder } from './recorder.ts';
import { type ComputeKind, computeId, identityId, newGuid, sameKey } from './ids.ts';

/** Why writes that name an identity fail: it does not exist, may not be used, or is no identity at all to ARM. */
export type Breakage = 'missing' | 'forbidden' | 'invalid';

export interface Identity {
  /** `/subscriptions/<s>/resourcegroups/<g>/providers/Microsoft.ManagedIdentity/userAssignedIdentities/<n>` */
  readonly id: string;
  clientId: string;
  principalId: string;
  readonly tenantId: string;
  breakage?: Breakage;
}

export interface Principal {
  readonly clientId: string;
  readonly principalId: string;
}

/** Both ids are null where the identity was deleted since, and Azure has noticed. */
export interface AssignedPrincipal {
  readonly id: string;
  readonly clientId: string | null;
  readonly principalId: string | null;
}

/** A VM or a scale set. */
export interface ComputeResource {
  readonly id: string;
  readonly kind: ComputeKind;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  systemAssigned: Principal | undefined;
  /** By lower-cased id: the id as written, and whose it was at that moment. */
  readonly userAssigned: Map<string, AssignedPrincipal>;
  provisioningState: string;
  /** Writes under way. */
  writing: number;
  /** A deny assignment forbids writes. */
  denied: boolean;
  /** Of a VM in a flexible scale set: the id of that. The set's own identities are not the VM's. */
  readonly scaleSet?: string;
}

export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audience?: string;
  /** Public key of the issuer; without it signatures of its assertions are not checked. */
  readonly publicKeyPem?: string;
}

/** An application with a service principal in its tenant. */
export interface App {
  readonly clientId: string;
  readonly principalId: string;
  readonly tenantId: string;
  secret?: string;
  secretExpired?: boolean;
  certificatePem?: string;
  federatedCredentials: readonly FederatedCredential[];
}

export interface ConcurrentWrite {
  readonly at: number;
  readonly resource: string;
}

export interface NewCompute {
  readonly subscriptionId?: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly systemAssigned?: boolean;
  /** Ids on the resource from the beginning. */
  readonly userAssigned?: readonly string[];
  /** Id of the flexible scale set that a VM is in. */
  readonly scaleSet?: string;
}

export interface NewIdentity {
  readonly subscriptionId?: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly clientId?: string;
  readonly principalId?: string;
}

export interface NewApp {
  readonly clientId?: string;
  readonly principalId?: string;
  readonly tenantId?: string;
  readonly secret?: string;
  readonly certificatePem?: string;
  readonly federatedCredentials?: readonly FederatedCredential[];
}

const appKey = (tenantId: string, clientId: string): string => sameKey(`${tenantId}/${clientId}`);

/** What the three services know in common. */
export class AzureState {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resources = new Map<string, ComputeResource>();
  readonly identities = new Map<string, Identity>();
  readonly apps = new Map<string, App>();
  /** What ends each write that does not end by itself. */
  readonly endless: (() => void)[] = [];
  readonly concurrentWrites: ConcurrentWrite[] = [];
  readonly recorder = new Recorder();
  /** Audiences that Entra ID and IMDS refuse, without a trailing slash. */
  readonly unknownAudiences = new Set<string>();

  constructor(options: { tenantId?: string; subscriptionId?: string } = {}) {
    this.tenantId = options.tenantId ?? newGuid();
    this.subscriptionId = options.subscriptionId ?? newGuid();
  }

  /** Every request that any service received, oldest first. */
  get requests(): readonly RecordedRequest[] {
    return this.recorder.requests;
  }

  addCompute(kind: ComputeKind, compute: NewCompute): ComputeResource {
    const { subscriptionId = this.subscriptionId, resourceGroup, name } = compute;
    const resource: ComputeResource = {
      id: computeId(kind, subscriptionId, resourceGroup, name),
      kind,
      subscriptionId,
      resourceGroup,
      name,
      systemAssigned: compute.systemAssigned ? { clientId: newGuid(), principalId: newGuid() } : undefined,
      userAssigned: new Map(),
      provisioningState: 'Succeeded',
      writing: 0,
      denied: false,
      ...(compute.scaleSet === undefined ? {} : { scaleSet: compute.scaleSet }),
    };
    for (const id of compute.userAssigned ?? []) this.assign(resource, id);
    this.resources.set(sameKey(resource.id), resource);
    return resource;
  }

  addIdentity({ subscriptionId = this.subscriptionId, resourceGroup, name, ...ids }: NewIdentity): Identity {
    const identity: Identity = {
      id: identityId(subscriptionId, resourceGroup, name),
      clientId: ids.clientId ?? newGuid(),
      principalId: ids.principalId ?? newGuid(),
      tenantId: this.tenantId,
    };
    this.identities.set(sameKey(identity.id), identity);
    return identity;
  }

  addApp({ clientId = newGuid(), principalId = newGuid(), tenantId = this.tenantId, ...rest }: NewApp): App {
    const app: App = { federatedCredentials: [], ...rest, clientId, principalId, tenantId };
    this.apps.set(appKey(tenantId, clientId), app);
    return app;
  }

  /** The service principal that an application has in a tenant; one application may have several. */
  app(tenantId: string, clientId: string): App | undefined {
    return this.apps.get(appKey(tenantId, clientId));
  }

  /** @throws if there is no such VM or scale set: a mistake in the test */
  resource(id: string): ComputeResource {
    const resource = this.resources.get(sameKey(id));
    if (resource === undefined) throw new Error(`the Azure simulator has no compute resource ${id}`);
    return resource;
  }

  /** @throws if there is no such identity: a mistake in the test */
  identity(id: string): Identity {
    const identity = this.identities.get(sameKey(id));
    if (identity === undefined) throw new Error(`the Azure simulator has no identity ${id}`);
    return identity;
  }

  /**
   * Deletes an identity and makes another of the same name: what is assigned stays the old one. VMs and scale sets show
   * it with the ids that it had, or with none.
   */
  recreateIdentity(id: string, shown: 'oldIds' | 'noIds' = 'oldIds'): Identity {
    if (shown === 'noIds') this.#forgetIds(id);
    return Object.assign(this.identity(id), { clientId: newGuid(), principalId: newGuid() });
  }

  #forgetIds(id: string): void {
    for (const { userAssigned } of this.resources.values()) {
      const there = userAssigned.get(sameKey(id));
      if (there !== undefined) userAssigned.set(sameKey(id), { id: there.id, clientId: null, principalId: null });
    }
  }

  assign(resource: ComputeResource, id: string): void {
    const { clientId, principalId } = this.identity(id);
    resource.userAssigned.set(sameKey(id), { id, clientId, principalId });
  }

  /** Ids on a VM or scale set, lower-cased and sorted. */
  assignedTo(resourceId: string): string[] {
    return [...this.resource(resourceId).userAssigned.keys()].sort();
  }

  knowsTenant(tenantId: string): boolean {
    const tenant = sameKey(tenantId);
    return tenant === sameKey(this.tenantId) || [...this.apps.values()].some((app) => sameKey(app.tenantId) === tenant);
  }

  /** Whether a token's `appid` is that of an app or of an identity that still exists. */
  knowsClient(clientId: string): boolean {
    const principals = [
      ...this.apps.values(),
      ...this.identities.values(),
      ...[...this.resources.values()].map((resource) => resource.systemAssigned),
    ];
    return principals.some((principal) => principal !== undefined && sameKey(principal.clientId) === sameKey(clientId));
  }

  /** An audience is a URI or a GUID that is not on the list of unknown ones. */
  knowsAudience(resource: string): boolean {
    const plausible = /^[a-z][a-z0-9+.-]*:\/\/[^/]+/i.test(resource) || /^[0-9a-f-]{36}$/i.test(resource);
    return plausible && !this.unknownAudiences.has(resource.replace(/\/+$/, ''));
  }
}
