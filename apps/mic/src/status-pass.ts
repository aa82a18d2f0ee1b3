import type { AzureIdentity } from '@aad-pod-identity/crd-types';
import type { Clock, Outcome } from '@aad-pod-identity/runtime';
import type { IdentityStatusWriter } from './apply/write-identity-status.ts';
import type { IdentityFacts } from './azure/identity-facts.ts';
import type { Notices } from './notices.ts';
import { bindingNotices } from './plan/binding-notices.ts';
import { isOther, judgeIdentity, standsFor } from './plan/identity-condition.ts';
import { armIdOf } from './plan/need.ts';
import type { Notice } from './plan/notice.ts';
import type { Fault } from './plan/target-plan.ts';
import type { StatusKey } from './status-triggers.ts';
import type { IdentityTally } from './world/identity-tally.ts';
import type { Stores } from './world/stores.ts';
import type { IdentityView, Said } from './world/views.ts';

export interface StatusPassOptions {
  readonly stores: Stores;
  readonly clock: Clock;
  readonly notices: Notices;
  readonly writer: IdentityStatusWriter;
  readonly tally: IdentityTally;
  readonly facts: Pick<IdentityFacts, 'known'>;
  /** Asks for another pass of `key` after `ms`. */
  readonly again: (key: StatusKey, ms: number) => void;
}

const DONE: Outcome = { kind: 'done' };
const NOWHERE: Notice = {
  reason: 'NoNMI',
  detail: 'no pod of NMI runs in the cluster: pods with identities get no token',
};

/** Another install is seen by its NMI: its MIC may hold a lock of its own, and then both write. */
function severalInstalls({ nmi }: Stores): Notice[] {
  const namespaces = [...new Set([...nmi.list()].map(({ namespace }) => namespace))].sort();
  if (namespaces.length < 2) return [];
  const detail = `NMI runs in the namespaces ${namespaces.join(', ')}: uninstall all but one, or both MICs may write`;
  return [{ reason: 'SeveralInstalls', detail }];
}

/** Works out what is to be said of one identity, one binding or the cluster, and has it said. It never asks ARM. */
export class StatusPass {
  readonly #options: StatusPassOptions;
  /** Since when identities that said something of an assignment have nothing to say (monotonic milliseconds). */
  readonly #idleSince = new Map<string, number>();
  /** Bindings whose selector a pod had once -> that selector: what was right once is no mistake. */
  readonly #matched = new Map<string, string>();

  constructor(options: StatusPassOptions) {
    this.#options = options;
  }

  async run(key: StatusKey, signal: AbortSignal): Promise<Outcome> {
    if (key.startsWith('identity ')) return this.#identity(key.slice('identity '.length), signal);
    if (key.startsWith('binding ')) this.#binding(key.slice('binding '.length));
    else this.#cluster();
    return DONE;
  }

  #cluster(): void {
    const { stores, notices } = this.#options;
    const nowhere = stores.nmi.size === 0 && stores.pods.size > 0 ? [NOWHERE] : [];
    notices.replace('cluster', [...nowhere, ...severalInstalls(stores)]);
  }

  #binding(key: string): void {
    const { stores, notices } = this.#options;
    const binding = stores.bindings.get(key);
    if (binding === undefined) this.#matched.delete(key);
    notices.replace(`binding ${key}`, binding === undefined ? [] : bindingNotices(this.#bindingScene(key, binding)));
  }

  #bindingScene(key: string, binding: NonNullable<ReturnType<Stores['bindings']['get']>>) {
    const { bindings, identities } = this.#options.stores;
    if ('problem' in binding) return { binding, identity: undefined, others: [], hasMatched: true };
    const { azureIdentity, selector } = binding.value.spec;
    const identity = `${binding.namespace}/${azureIdentity}`;
    const others = bindings.by('identity', identity).flatMap((each) => ('value' in each ? [each.value] : []));
    return {
      ...{ binding, identity: identities.get(identity), hasMatched: this.#hasMatched(key, selector) },
      others: others.filter((each) => each !== binding.value),
    };
  }

  #hasMatched(key: string, selector: string): boolean {
    if (this.#options.stores.pods.count('label', selector) > 0) this.#matched.set(key, selector);
    return this.#matched.get(key) === selector;
  }

  async #identity(key: string, signal: AbortSignal): Promise<Outcome> {
    const identity = this.#options.stores.identities.get(key);
    const isGone = identity?.said === undefined || isDeleting(identity);
    if (!isGone) return this.#judge(key, identity, identity.said, signal);
    this.#idleSince.delete(key);
    this.#options.writer.seen(key);
    return DONE;
  }

  async #judge(key: string, identity: IdentityView, said: Said, signal: AbortSignal): Promise<Outcome> {
    const { writer } = this.#options;
    const ready = writer.ready(key, said);
    const before = ready?.observedGeneration === said.generation ? ready : undefined;
    const judged = judgeIdentity({ ...this.#scene(key, identity), before });
    const idleMs = this.#idleMs(key, judged.kind === 'idle');
    const stands = standsFor(judged, before, idleMs);
    if (stands > 0) this.#options.again(`identity ${key}`, stands);
    else if (isOther(judged, said.generation, ready)) return writer.write(identity, said, judged, signal);
    return DONE;
  }

  #scene(key: string, identity: IdentityView) {
    const { stores, tally, notices } = this.#options;
    return {
      ...{ identity, bindings: stores.bindings.count('identity', key), problems: notices.ofIdentity(key) },
      causes: 'value' in identity ? tally.of(identity.value) : [],
      gone: 'value' in identity ? this.#goneOf(identity.value) : undefined,
    };
  }

  #goneOf(identity: AzureIdentity): Fault | undefined {
    const armId = armIdOf(identity);
    if (armId === undefined) return undefined;
    const { fact, existence } = this.#options.facts.known(armId);
    return existence === 'gone' && fact !== undefined && 'fault' in fact ? fact.fault : undefined;
  }

  #idleMs(key: string, isIdle: boolean): number {
    const now = this.#options.clock.monotonic();
    if (!isIdle) {
      this.#idleSince.delete(key);
      return 0;
    }
    const since = this.#idleSince.get(key) ?? now;
    this.#idleSince.set(key, since);
    return now - since;
  }
}

function isDeleting(identity: IdentityView): boolean {
  return 'value' in identity && identity.value.metadata.deletionTimestamp !== '';
}
