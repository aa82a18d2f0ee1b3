import type { Target } from '@aad-pod-identity/azure-arm';
import type { StoreChange } from '@aad-pod-identity/kube';
import type { Outcome } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { AzureView, type AzureViewOptions, UNDER_WAY_MS } from './apply/azure-view.ts';
import { Pauses } from './apply/pauses.ts';
import { IdentityFacts } from './azure/identity-facts.ts';
import { AzurePass, type AzurePassOptions } from './azure-pass.ts';
import type { Fault } from './plan/target-plan.ts';
import { Caution } from './caution.ts';
import { isAboutArm } from './plan/without-arm.ts';
import { Planner, type PlannerOptions, type Sight } from './planner.ts';
import { RecordPass, type RecordPassOptions } from './record-pass.ts';
import { Memories, type TargetMemory } from './target-memory.ts';
import type { RecordView } from './world/views.ts';

export interface ReconcilerOptions
  extends PlannerOptions, RecordPassOptions, AzurePassOptions, Omit<AzureViewOptions, 'pauses'> {
  /** Asks for another pass of the Azure worker of `key` after `ms`. */
  readonly again: (key: string, ms: number) => void;
  readonly logger: Logger;
}

function outcomeOf([error]: readonly Error[]): Outcome {
  return error === undefined ? { kind: 'done' } : { kind: 'retry', error };
}

/**
 * Brings VMs and scale sets, and the records of their pods, to what the cluster asks for. Each has two workers: one for
 * its records, woken by whatever changes in the cluster; one for Azure, which it wakes when ARM has a part in it. So no
 * record waits for ARM that needs nothing of it (docs/adr/0004-records-beside-writes.md).
 */
export class Reconciler {
  /** What Azure says of the identities themselves; to be run beside the workers. */
  readonly facts: IdentityFacts;
  /** Withholds what takes something away, until it is told to be sure. */
  readonly caution = new Caution();
  readonly #options: ReconcilerOptions;
  readonly #memories: Memories;
  /** What is to be left alone on Azure for a while. */
  readonly pauses: Pauses;
  readonly #azure: AzureView;
  readonly #planner: Planner;
  readonly #recordPass: RecordPass;
  readonly #azurePass: AzurePass;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#memories = new Memories(options.clock);
    const pauses = new Pauses(options.clock);
    const azure = new AzureView({ ...options, pauses });
    const { arm, clock, logger, driftIntervalMs, again } = options;
    const contradicted = (key: string): void => {
      again(key, 0);
    };
    const facts = new IdentityFacts({ arm, clock, logger, intervalMs: driftIntervalMs, contradicted });
    const planner = new Planner(options, { azure, facts, caution: this.caution });
    const records = new RecordPass(options, { planner, azure, facts });
    this.facts = facts;
    this.pauses = pauses;
    this.#azure = azure;
    this.#planner = planner;
    this.#recordPass = records;
    this.#azurePass = new AzurePass(options, { planner, records, azure, pauses });
  }

  /** A pass over the records of one VM or scale set; never more than one at a time. */
  records(key: string, signal: AbortSignal): Promise<Outcome> {
    return this.#lend(key, async (memory) => {
      const { sight, wantsAzure, errors } = await this.#recordPass.run(key, memory, signal);
      this.#wakeAzure(sight, wantsAzure);
      this.#maybeForget(sight);
      return outcomeOf(errors);
    });
  }

  /** A pass over one VM or scale set itself; never more than one at a time, hence never more than one write. */
  azure(key: string, signal: AbortSignal): Promise<Outcome> {
    return this.#lend(key, async (memory) => {
      const sight = this.#planner.see(key, memory);
      const { target } = sight;
      this.#maybeForget(sight);
      if (target === undefined || this.#planner.isIdle(sight)) return { kind: 'done' };
      const errors = await this.#azurePass.run(key, target, memory, signal);
      const after = this.#planner.see(key, memory);
      this.#comeBack(after, target, memory);
      this.#maybeForget(after);
      return outcomeOf(errors);
    });
  }

  /** Why what is owned there does not come off, as far as something failed. */
  faultOf(key: string): Fault | undefined {
    const memory = this.#memories.get(key);
    const ofIdentities = [...this.#options.ledger.get(key)].map((armId) => memory?.faults.get(armId));
    return memory?.writeFault ?? memory?.readFault ?? ofIdentities.find((fault) => fault !== undefined);
  }

  /** Whether a change of a record is only what the work on `key` has written. With what is gone, its memory may have to go. */
  isEcho(key: string, { type, object }: StoreChange<RecordView>): boolean {
    return type !== 'deleted' && this.#memories.get(key)?.writes.takeEcho(object) === true;
  }

  #lend(key: string, work: (memory: TargetMemory) => Promise<Outcome>): Promise<Outcome> {
    return this.#memories.lend(key, this.#options.ledger.get(key).size > 0, work);
  }

  #wakeAzure(sight: Sight, wantsAzure: boolean): void {
    const { again, driftIntervalMs } = this.#options;
    const { key, nodelessMs } = sight;
    if (nodelessMs > 0) again(key, nodelessMs);
    else if (wantsAzure) again(key, 0);
    else if (!this.#planner.isIdle(sight)) again(key, driftIntervalMs);
  }

  #maybeForget({ key, target, view }: Sight): void {
    const isOfUse = target !== undefined || view.needs.length + view.records.length > 0;
    if (isOfUse) return;
    this.#memories.forget(key);
    this.facts.forgetPlace(key);
  }

  /** When the Azure worker is to look again without being woken. */
  #comeBack({ key, view }: Sight, target: Target, memory: TargetMemory): void {
    const { again, ledger, driftIntervalMs, isUninstalling } = this.#options;
    const isLeaving = isUninstalling() && ledger.get(key).size > 0;
    const isWatched = ledger.get(key).size > 0 || view.needs.some(isAboutArm);
    const waits = [
      memory.faults.nextIn(),
      this.pauses.current('read', key, target)?.ms,
      this.pauses.current('write', key, target)?.ms,
      this.#azure.isUnderWay(memory) || isLeaving ? UNDER_WAY_MS : undefined,
      isWatched ? driftIntervalMs : undefined,
    ];
    for (const ms of waits) if (ms !== undefined) again(key, ms);
  }
}
