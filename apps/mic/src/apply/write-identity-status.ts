import type { Condition } from '@aad-pod-identity/crd-types';
import { azureIdentities, isKubeError, type KubeClient } from '@aad-pod-identity/kube';
import type { Clock, Outcome } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import type { Meters } from '../metrics.ts';
import type { Judgement } from '../plan/identity-condition.ts';
import { objectKey } from '../world/stores.ts';
import type { IdentityView, Said } from '../world/views.ts';

export interface IdentityStatusWriterOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meters: Meters;
}

export const READY = 'Ready';

/** Somebody may give MIC the right, or the CRD, in the meantime. */
const REST_MS = 10 * 60_000;
const DONE: Outcome = { kind: 'done' };

function readyOf(conditions: readonly Condition[]): Condition | undefined {
  return conditions.find(({ type }) => type === READY);
}

/** A path of the status keeps no other precondition: what a patch says of `metadata` is left out there. */
function statusPatch({ uid, conditions: before }: Said, conditions: readonly Condition[]) {
  const isSame = { op: 'test', path: '/metadata/uid', value: uid };
  const whole = { op: 'add', path: '/status', value: { conditions } };
  const part = { op: 'add', path: '/status/conditions', value: conditions };
  return [isSame, before.length === 0 ? whole : part];
}

/** What the API server says that it has stored. */
function isStored(answer: unknown): boolean {
  const { status } = (answer ?? {}) as { status?: { conditions?: readonly { type?: string }[] | null } | null };
  return status?.conditions?.some(({ type }) => type === READY) === true;
}

/** Writes the condition Ready of identities, and knows what it wrote before the watch has brought it back. */
export class IdentityStatusWriter {
  readonly #options: IdentityStatusWriterOptions;
  /** What was written and the store has not shown yet, by `namespace/name`. */
  readonly #written = new Map<string, { readonly uid: string; readonly conditions: readonly Condition[] }>();
  #restUntil = -Infinity;

  constructor(options: IdentityStatusWriterOptions) {
    this.#options = options;
  }

  /** What the identity says of itself now; undefined where it says nothing. */
  ready(key: string, said: Said): Condition | undefined {
    return readyOf(this.#conditions(key, said));
  }

  /** The store shows something new: from now on that counts. */
  seen(key: string): void {
    this.#written.delete(key);
  }

  async write(identity: IdentityView, said: Said, judgement: Judgement, signal: AbortSignal): Promise<Outcome> {
    const { clock } = this.#options;
    const restMs = this.#restUntil - clock.monotonic();
    if (restMs > 0) return { kind: 'retryAfter', ms: restMs };
    const key = objectKey(identity);
    const conditions = this.#with(key, said, judgement);
    try {
      const stored = await this.#patch(identity, said, conditions, signal);
      this.#written.set(key, { uid: said.uid, conditions });
      return stored ? DONE : this.#rest('its CRD is that of an older version and keeps no conditions');
    } catch (error) {
      return this.#failed(identity, { uid: said.uid, conditions }, error, signal);
    }
  }

  #conditions(key: string, { uid, conditions }: Said): readonly Condition[] {
    const written = this.#written.get(key);
    return written?.uid === uid ? written.conditions : conditions;
  }

  /** Other conditions are somebody else's. */
  #with(key: string, said: Said, { status, reason, message }: Judgement): readonly Condition[] {
    const conditions = this.#conditions(key, said);
    const before = readyOf(conditions);
    const now = `${new Date(this.#options.clock.now()).toISOString().slice(0, 19)}Z`;
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime || now : now;
    const observedGeneration = said.generation;
    const ready = { type: READY, status, reason, message, lastTransitionTime, observedGeneration };
    return [...conditions.filter(({ type }) => type !== READY), ready];
  }

  /** Of this identity and no other that is called like it by now. */
  #patch(identity: IdentityView, said: Said, conditions: readonly Condition[], signal: AbortSignal) {
    const { client, meters } = this.#options;
    const { namespace, name } = identity;
    const body = statusPatch(said, conditions);
    const how = { type: 'json', subresource: 'status' } as const;
    return meters.kubernetes('update_azure_identity_status', async () =>
      isStored(await client.patch(azureIdentities, { namespace, name }, body, how, { signal })),
    );
  }

  async #failed(
    identity: IdentityView,
    tried: { uid: string; conditions: readonly Condition[] },
    error: unknown,
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (!isKubeError(error)) throw error;
    const { namespace, name } = identity;
    if (error.code === 'forbidden') return this.#rest('the role of MIC does not allow it');
    if (error.code === 'notFound') {
      return (await this.#exists({ namespace, name }, signal)) ? this.#rest('its CRD has no status subresource') : DONE;
    }
    if (error.code !== 'invalid') return { kind: 'retry', error };
    // Another identity of that name, or one that would be refused today: the next change of it is the next try.
    this.#written.set(objectKey(identity), tried);
    this.#options.logger.warn('condition of an identity is refused', { identity: `${namespace}/${name}`, err: error });
    return DONE;
  }

  async #exists(ref: { namespace: string; name: string }, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#options.client.get(azureIdentities, ref, { signal });
      return true;
    } catch (error) {
      if (isKubeError(error, 'notFound')) return false;
      throw error;
    }
  }

  /** What stands in the way of one stands in the way of all. */
  #rest(why: string): Outcome {
    const { clock, logger } = this.#options;
    if (this.#restUntil <= clock.monotonic()) logger.warn('conditions of identities cannot be written', { why });
    this.#restUntil = clock.monotonic() + REST_MS;
    return { kind: 'retryAfter', ms: REST_MS, reason: why };
  }
}
