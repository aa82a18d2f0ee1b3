import type { Target } from '@aad-pod-identity/azure-arm';
import { isNamespaced } from '@aad-pod-identity/crd-types';
import type { Clock } from '@aad-pod-identity/runtime';
import type { AzureView } from './apply/azure-view.ts';
import type { IdentityFacts } from './azure/identity-facts.ts';
import type { Caution } from './caution.ts';
import { type Ledger, targetOfKey } from './ledger.ts';
import { NOTHING_IN_FLIGHT } from './plan/in-flight.ts';
import { isOutdated } from './plan/outdated.ts';
import { givingUp, neededByNobody } from './plan/release-all.ts';
import { planTarget, type PresentIdentities, type TargetPlan, type TargetPlanInput } from './plan/target-plan.ts';
import { isAboutArm } from './plan/without-arm.ts';
import type { TargetMemory } from './target-memory.ts';
import { objectKey, type Stores } from './world/stores.ts';
import { type TargetView, viewTarget } from './world/target-view.ts';
import type { RecordView } from './world/views.ts';

export interface PlannerOptions {
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly forceNamespaced: boolean;
  /** The namespace of records when identities are not namespaced. */
  readonly recordNamespace: string;
  /** The cluster's own identity and the immutable ones: client ids or resource ids, lower-cased. */
  readonly protectedIds: Pick<ReadonlySet<string>, 'has'>;
  /** Whether everything is to be let go, and nothing to be assigned. */
  readonly isUninstalling: () => boolean;
}

/** How long a VM must have been without a node until ARM is asked about it again. */
const NODELESS_MS = 60 * 60_000;

const NOTHING: PresentIdentities = new Map();

/** One VM or scale set at one moment. */
export interface Sight {
  readonly key: string;
  /** Undefined where there is nothing to assign to, and nothing of ours to take off. */
  readonly target: Target | undefined;
  readonly view: TargetView;
  /** As they are after our own writes. */
  readonly records: readonly RecordView[];
  /** For a VM whose node is gone, most likely with it: how long ARM is still left out, in milliseconds. */
  readonly nodelessMs: number;
}

type Rules = Pick<TargetPlanInput, 'namespaceOf' | 'isTaken' | 'isProtected'>;

export interface PlannerParts {
  readonly azure: AzureView;
  readonly facts: Pick<IdentityFacts, 'known'>;
  readonly caution: Caution;
}

/** Reads the world and plans. It waits for nothing: a sight and its plan belong to the same moment. */
export class Planner {
  readonly #options: PlannerOptions;
  readonly #azure: AzureView;
  readonly #facts: Pick<IdentityFacts, 'known'>;
  readonly #caution: Caution;

  constructor(options: PlannerOptions, { azure, facts, caution }: PlannerParts) {
    this.#options = options;
    this.#azure = azure;
    this.#facts = facts;
    this.#caution = caution;
  }

  see(key: string, memory: TargetMemory): Sight {
    const { stores, forceNamespaced, ledger, isUninstalling } = this.#options;
    const isOver = isUninstalling();
    const seen = viewTarget(key, stores, forceNamespaced);
    const view = isOver ? neededByNobody(seen) : seen;
    const target = view.target ?? (ledger.get(key).size > 0 ? targetOfKey(key) : undefined);
    // An uninstall does not wait: nobody would be there afterwards.
    const isNodeless = !isOver && view.target === undefined && target?.kind === 'vm';
    const nodelessMs = this.#nodelessMs(isNodeless, memory);
    return { key, target, view, records: memory.writes.over(view.records), nodelessMs };
  }

  #nodelessMs(isNodeless: boolean, memory: TargetMemory): number {
    const now = this.#options.clock.monotonic();
    memory.nodelessSince = isNodeless ? (memory.nodelessSince ?? now) : undefined;
    return memory.nodelessSince === undefined ? 0 : Math.max(0, memory.nodelessSince + NODELESS_MS - now);
  }

  /** Whether ARM is to be left out: nothing there is or was ours. */
  isIdle({ key, target, view, records, nodelessMs }: Sight): boolean {
    if (target === undefined || nodelessMs > 0) return true;
    return this.#options.ledger.get(key).size === 0 && !view.needs.some(isAboutArm) && !records.some(isAboutArm);
  }

  plan(sight: Sight, memory: TargetMemory): TargetPlan {
    const rules = this.#rules(sight.records);
    const plan = this.#planAll(sight, memory, rules);
    if (!this.#options.isUninstalling()) return this.#caution.of(sight.key, plan);
    const shown = memory.observed?.identities.userAssigned;
    return givingUp(plan, (armId) => rules.isProtected(armId, shown?.get(armId)?.clientId));
  }

  #planAll({ key, view, records, target }: Sight, memory: TargetMemory, rules: Rules): TargetPlan {
    return planTarget({
      ...{ needs: view.needs, records, ledger: this.#options.ledger.get(key) },
      // Where nothing can be assigned, nothing is.
      present: target === undefined ? NOTHING : memory.observed?.identities.userAssigned,
      isFinal: target === undefined || this.#azure.isFinal(memory),
      isUnderWay: this.#azure.isUnderWay(memory),
      inFlight: memory.inFlight ?? NOTHING_IN_FLIGHT,
      isResting: (armId) => memory.faults.isResting(armId),
      faultOf: (armId) => memory.faults.get(armId) ?? memory.writeFault ?? memory.readFault,
      ...this.#outdated(memory),
      ...rules,
    });
  }

  #clientIdOf(armId: string): string | undefined {
    const { fact } = this.#facts.known(armId);
    return fact === undefined || 'fault' in fact ? undefined : fact.clientId;
  }

  #outdated({
    observed,
    replacements,
  }: TargetMemory): Pick<TargetPlanInput, 'isOutdated' | 'mayReplace' | 'clientIdOf'> {
    const shown = (armId: string) => observed?.identities.userAssigned.get(armId);
    return {
      isOutdated: (armId) => {
        const there = shown(armId);
        return there !== undefined && isOutdated(there, observed?.at ?? 0, this.#facts.known(armId));
      },
      mayReplace: (armId) => replacements.isDue(armId, shown(armId)?.clientId !== undefined),
      clientIdOf: (armId) => this.#clientIdOf(armId),
    };
  }

  #rules(records: readonly RecordView[]): Rules {
    const { stores, forceNamespaced, recordNamespace, protectedIds } = this.#options;
    const taken = new Set(records.map(objectKey));
    const isNamed = (clientId: string | undefined): boolean => protectedIds.has(clientId?.toLowerCase() ?? '');
    return {
      namespaceOf: ({ identity }) =>
        forceNamespaced || isNamespaced(identity) ? identity.metadata.namespace : recordNamespace,
      isTaken: (namespace, name) =>
        taken.has(`${namespace}/${name}`) || stores.records.get(`${namespace}/${name}`) !== undefined,
      isProtected: (armId, clientId) =>
        protectedIds.has(armId) || isNamed(clientId) || isNamed(this.#clientIdOf(armId)),
    };
  }
}
