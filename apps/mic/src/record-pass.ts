import type { AzureView } from './apply/azure-view.ts';
import type { RecordWriter, RecordWrites } from './apply/write-records.ts';
import type { Arrivals } from './arrivals.ts';
import type { IdentityFacts } from './azure/identity-facts.ts';
import { type Ledger, sameSet } from './ledger.ts';
import type { Meters } from './metrics.ts';
import type { Notices } from './notices.ts';
import { armIdOf } from './plan/need.ts';
import type { RecordPlan } from './plan/plan-records.ts';
import { type TargetPlan, wantsWrite } from './plan/target-plan.ts';
import { withoutArm } from './plan/without-arm.ts';
import type { Planner, Sight } from './planner.ts';
import type { Reporter } from './report.ts';
import type { TargetMemory } from './target-memory.ts';
import { objectKey } from './world/stores.ts';

export interface RecordPassOptions {
  readonly records: RecordWriter;
  readonly report: Reporter;
  readonly notices: Notices;
  readonly arrivals: Arrivals;
  readonly meters: Pick<Meters, 'assigned'>;
  readonly ledger: Ledger;
}

interface RecordPassParts {
  readonly planner: Planner;
  readonly azure: AzureView;
  readonly facts: IdentityFacts;
}

export interface RecordPassResult {
  readonly sight: Sight;
  /** Whether ARM is to be asked or told something. */
  readonly wantsAzure: boolean;
  readonly errors: readonly Error[];
}

/** Brings the records of one VM or scale set to what is known at this moment. It never waits for ARM. */
export class RecordPass {
  readonly #options: RecordPassOptions;
  readonly #planner: Planner;
  readonly #azure: AzureView;
  readonly #facts: IdentityFacts;

  constructor(options: RecordPassOptions, { planner, azure, facts }: RecordPassParts) {
    this.#options = options;
    this.#planner = planner;
    this.#azure = azure;
    this.#facts = facts;
  }

  /** @throws the signal's reason */
  run(key: string, memory: TargetMemory, signal: AbortSignal): Promise<RecordPassResult> {
    return memory.recordTurns.run(async () => {
      const sight = this.#planner.see(key, memory);
      this.#options.notices.replace(key, sight.view.notices);
      this.#lookUp(sight, memory);
      const plan = this.#planner.plan(sight, memory);
      this.#forgetFaults(sight, plan, memory);
      // Decided here: what comes up while records are written brings a pass of its own.
      const wantsAzure = this.#wantsAzure(sight, plan, memory);
      const records = this.#isClear(sight, memory) ? plan.records : withoutArm(plan.records);
      return { sight, wantsAzure, errors: await this.#write(records, memory, signal) };
    });
  }

  /** Nobody waits for the answers. */
  #lookUp({ key, target, view }: Sight, { observed }: TargetMemory): void {
    if (target === undefined) return;
    const armIds = view.needs.flatMap(({ identity }) => armIdOf(identity) ?? []);
    this.#facts.want(key, new Map(armIds.map((armId) => [armId, observed?.identities.userAssigned.get(armId)])));
  }

  /** Whether it is known what is there, or known that it cannot be: before the first answer nothing is said about it. */
  #isClear(sight: Sight, memory: TargetMemory): boolean {
    return this.#planner.isIdle(sight) || this.#azure.isKnown(memory) || memory.readFault !== undefined;
  }

  #wantsAzure(sight: Sight, plan: TargetPlan, memory: TargetMemory): boolean {
    if (this.#planner.isIdle(sight)) return false;
    if (memory.inFlight !== undefined || !this.#azure.isKnown(memory)) return true;
    return wantsWrite(plan) || !sameSet(plan.owned, this.#options.ledger.get(sight.key));
  }

  /** Faults of what nobody asks for any more. */
  #forgetFaults({ key, view, records }: Sight, plan: TargetPlan, memory: TargetMemory): void {
    const asked = [...view.needs, ...records].flatMap(({ identity }) => armIdOf(identity) ?? []);
    const known = new Set([...asked, ...this.#options.ledger.get(key)]);
    memory.faults.keepOnly(known);
    memory.replacements.keepOnly(known);
    if (memory.observed === undefined || this.#azure.isUnderWay(memory)) return;
    if (!wantsWrite(plan)) memory.writeFault = undefined;
  }

  async #write(plan: RecordPlan, { writes }: TargetMemory, signal: AbortSignal): Promise<readonly Error[]> {
    const { records, report } = this.#options;
    const { written, dropped, failed, errors } = await records.write(plan, signal);
    for (const { record, change } of written) {
      if ('record' in change) writes.updated(record);
      else writes.created(record);
    }
    for (const record of dropped) writes.deleted(record);
    report.written(written);
    this.#measure(written);
    report.dropped(dropped);
    report.notWritten(failed);
    return errors;
  }

  #measure(written: RecordWrites['written']): void {
    const { arrivals, meters } = this.#options;
    for (const { change } of written) {
      const isNew = change.status.state === 'Assigned' && !('record' in change && change.record.state === 'Assigned');
      const { pod, identity } = change.need;
      const waitedMs = isNew ? arrivals.assigned(pod, objectKey(identity.metadata)) : undefined;
      if (waitedMs !== undefined) meters.assigned(waitedMs);
    }
  }
}
