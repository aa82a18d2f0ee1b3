import type { ArmClient, ResourceIdentities, Target } from '@aad-pod-identity/azure-arm';
import { type Clock, type Outcome } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { assign, type AssignResult } from './apply/assign.ts';
import { AzureView, UNDER_WAY_MS } from './apply/azure-view.ts';
import { faultOf } from './apply/faults.ts';
import { Pauses } from './apply/pauses.ts';
import type { RecordWriter } from './apply/write-records.ts';
import { type Ledger, targetOfKey } from './ledger.ts';
import { isNamespaced } from '@aad-pod-identity/crd-types';
import { armIdOf } from './plan/need.ts';
import { isAboutArm, withoutArm } from './plan/without-arm.ts';
import type { RecordPlan } from './plan/plan-records.ts';
import { planTarget, type PresentIdentities, type TargetPlan } from './plan/target-plan.ts';
import type { Reporter } from './report.ts';
import { newMemory, type TargetMemory } from './target-memory.ts';
import { objectKey, type Stores } from './world/stores.ts';
import { type TargetView, viewTarget } from './world/target-view.ts';
import type { RecordView } from './world/views.ts';

export interface ReconcilerOptions {
  readonly stores: Stores;
  readonly arm: ArmClient;
  readonly ledger: Ledger;
  readonly records: RecordWriter;
  readonly report: Reporter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly forceNamespaced: boolean;
  /** The namespace of records when identities are not namespaced. */
  readonly recordNamespace: string;
  /** The cluster's own identity and the immutable ones: client ids or resource ids, lower-cased. */
  readonly protectedIds: ReadonlySet<string>;
  /** How long what ARM said counts as known, in milliseconds. */
  readonly driftIntervalMs: number;
  readonly maxRetries: number;
  readonly retryIntervalMs: number;
  /** Asks for another pass over `key` after `ms`. */
  readonly again: (key: string, ms: number) => void;
}

/** How long a VM must have been without a node until ARM is asked about it again. */
const NODELESS_MS = 60 * 60_000;

const NOTHING: PresentIdentities = new Map();

/** Whether the answer to a write tells the client ids of what was assigned; else it takes a look to learn them. */
function saysWhose(add: readonly string[], refused: AssignResult['refused'], { userAssigned }: ResourceIdentities) {
  const armIds = add.map((id) => id.toLowerCase()).filter((armId) => !refused.has(armId));
  return armIds.every((armId) => userAssigned.get(armId)?.clientId !== undefined);
}

/** One pass over one VM or scale set: what it has read, and what it has written so far. */
interface Pass {
  readonly key: string;
  readonly target: Target | undefined;
  readonly view: TargetView;
  readonly memory: TargetMemory;
  readonly signal: AbortSignal;
  records: readonly RecordView[];
  readonly errors: Error[];
}

/**
 * Brings one VM or scale set and the records of its pods to what the cluster asks for: record, ARM, confirm, remove.
 * Whoever calls sees to it that there is never more than one pass over one of them at a time.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #memories = new Map<string, TargetMemory>();
  readonly #pauses: Pauses;
  readonly #azure: AzureView;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#pauses = new Pauses(options.clock);
    this.#azure = new AzureView({ ...options, pauses: this.#pauses });
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Outcome> {
    const pass = this.#begin(key, signal);
    this.#options.report.blocked(pass.view.blocked, pass.memory);
    if (pass.target === undefined || this.#isIdle(pass, pass.target)) {
      await this.#writeRecords(pass, this.#plan(pass).records);
      return this.#end(pass, undefined);
    }
    if (!this.#azure.isKnown(pass.memory)) await this.#writeRecords(pass, withoutArm(this.#plan(pass).records));
    const plan = await this.#freshPlan(pass, pass.target);
    await this.#writeRecords(pass, plan.records);
    await this.#assign(pass, pass.target, plan);
    return this.#end(pass, pass.target);
  }

  #begin(key: string, signal: AbortSignal): Pass {
    const { stores, forceNamespaced, ledger } = this.#options;
    const view = viewTarget(key, stores, forceNamespaced);
    const memory = this.#memoryOf(key);
    const target = view.target ?? (ledger.get(key).size > 0 ? targetOfKey(key) : undefined);
    if (view.target !== undefined) memory.nodelessSince = undefined;
    return { key, target, view, memory, signal, records: memory.writes.over(view.records), errors: [] };
  }

  /** What is to be written rests on what is there in this pass: somebody else may have changed it since the last one. */
  async #freshPlan(pass: Pass, target: Target): Promise<TargetPlan> {
    const startedAt = this.#options.clock.monotonic();
    await this.#observe(pass, target);
    const plan = this.#plan(pass);
    const seenAt = pass.memory.observed?.at ?? startedAt;
    const isPaused = this.#pauses.current('write', pass.key, target) !== undefined;
    if (plan.add.length + plan.remove.length === 0 || seenAt >= startedAt || isPaused) return plan;
    pass.memory.observed = undefined;
    await this.#observe(pass, target);
    return this.#plan(pass);
  }

  #memoryOf(key: string): TargetMemory {
    const { clock, ledger } = this.#options;
    const memory = this.#memories.get(key) ?? newMemory(clock, ledger.get(key).size > 0);
    this.#memories.set(key, memory);
    return memory;
  }

  /** Whether ARM is to be left out: nothing there is or was ours, or it is a VM whose node is gone, most likely with it. */
  #isIdle({ key, view, memory, records }: Pass, target: Target): boolean {
    const { ledger, clock, again } = this.#options;
    if (view.target === undefined && target.kind === 'vm') {
      memory.nodelessSince ??= clock.monotonic();
      const left = memory.nodelessSince + NODELESS_MS - clock.monotonic();
      if (left > 0) again(key, left);
      return left > 0;
    }
    return ledger.get(key).size === 0 && !view.needs.some(isAboutArm) && !records.some(isAboutArm);
  }

  #plan({ key, view, memory, records, target }: Pass): TargetPlan {
    const { stores, ledger, forceNamespaced, recordNamespace, protectedIds } = this.#options;
    const taken = new Set(records.map(objectKey));
    return planTarget({
      needs: view.needs,
      records,
      // Where nothing can be assigned, nothing is.
      present: target === undefined ? NOTHING : memory.observed?.identities.userAssigned,
      ledger: ledger.get(key),
      isFinal: this.#azure.isFinal(memory),
      isUnderWay: this.#azure.isUnderWay(memory),
      namespaceOf: ({ identity }) =>
        forceNamespaced || isNamespaced(identity) ? identity.metadata.namespace : recordNamespace,
      isTaken: (namespace, name) =>
        taken.has(`${namespace}/${name}`) || stores.records.get(`${namespace}/${name}`) !== undefined,
      isProtected: (armId, clientId) => protectedIds.has(armId) || protectedIds.has(clientId?.toLowerCase() ?? ''),
      isResting: (armId) => memory.faults.isResting(armId),
      faultOf: (armId) => memory.faults.get(armId) ?? memory.fault,
    });
  }

  async #writeRecords(pass: Pass, plan: RecordPlan): Promise<void> {
    const { records, report } = this.#options;
    const { written, dropped, errors } = await records.write(plan, pass.signal);
    for (const { record, change } of written) {
      if ('record' in change) pass.memory.writes.updated(record);
      else pass.memory.writes.created(record);
    }
    for (const record of dropped) pass.memory.writes.deleted(record);
    pass.records = pass.memory.writes.over(pass.view.records);
    pass.errors.push(...errors);
    report.written(written);
    report.dropped(dropped);
  }

  /** A failure leaves it unknown what is there; the rest of the pass lives with that. */
  async #observe({ key, memory, signal, errors }: Pass, target: Target): Promise<void> {
    const error = await this.#azure.look({ key, target, memory }, signal);
    if (error === undefined) return;
    if (error.code === 'notFound') await this.#options.ledger.save(key, new Set(), signal);
    errors.push(error);
  }

  /** First the ledger, then Azure, then the records again, then the ledger without what is gone. */
  async #assign(pass: Pass, target: Target, plan: TargetPlan): Promise<void> {
    const { key, memory, signal } = pass;
    const { ledger, arm, clock, maxRetries, retryIntervalMs } = this.#options;
    const current = memory.observed?.identities;
    if (current === undefined) return;
    const isWrite = plan.add.length + plan.remove.length > 0;
    const pause = isWrite ? this.#pauses.current('write', key, target) : undefined;
    memory.fault = pause?.fault;
    if (isWrite && pause === undefined) {
      await ledger.save(key, plan.ledger, signal);
      const job = {
        target,
        add: plan.add,
        remove: plan.remove,
        current,
        isSuspect: (id: string) => memory.faults.has(id),
      };
      this.#learn(pass, target, plan, await assign(job, { arm, clock, maxRetries, retryIntervalMs }, signal));
    }
    if (memory.fault === undefined) await this.#observe(pass, target);
    const after = this.#plan(pass);
    if (isWrite) await this.#writeRecords(pass, after.records);
    // Not what is still to be added: who adds a refused identity by hand in the meantime owns it.
    if (memory.observed !== undefined) await ledger.save(key, after.owned, signal);
  }

  #learn(pass: Pass, target: Target, { add, remove }: TargetPlan, result: AssignResult): void {
    const { key, memory, errors } = pass;
    const { identities, refused, error } = result;
    memory.observed = undefined;
    if (identities === undefined) this.#azure.lost(memory);
    else if (saysWhose(add, refused, identities)) this.#azure.saw(memory, identities);
    for (const id of [...add, ...remove])
      if (error === undefined && !refused.has(id.toLowerCase())) memory.faults.clear(id.toLowerCase());
    for (const [armId, reason] of refused) memory.faults.note(armId, reason);
    this.#options.report.refused(pass.view.needs, pass.records, refused);
    if (error === undefined) return;
    memory.fault = faultOf(error);
    this.#options.report.failed(key, error);
    if (!this.#pauses.note('write', key, target, error)) errors.push(error);
  }

  #end(pass: Pass, target: Target | undefined): Outcome {
    const { key, memory, view, errors } = pass;
    const { again, ledger, driftIntervalMs } = this.#options;
    const asked = [...view.needs, ...pass.records].flatMap(({ identity }) => armIdOf(identity) ?? []);
    memory.faults.keepOnly(new Set([...asked, ...ledger.get(key)]));
    const waits = [memory.faults.nextIn()];
    if (target !== undefined) {
      waits.push(this.#pauses.current('read', key, target)?.ms, this.#pauses.current('write', key, target)?.ms);
      if (this.#azure.isUnderWay(memory)) waits.push(UNDER_WAY_MS);
      if (ledger.get(key).size > 0 || view.needs.some(isAboutArm)) waits.push(driftIntervalMs);
    }
    for (const ms of waits) if (ms !== undefined) again(key, ms);
    const isForgotten = view.needs.length + view.records.length + ledger.get(key).size === 0 && target === undefined;
    if (isForgotten) this.#memories.delete(key);
    const [error] = errors;
    return error === undefined ? { kind: 'done' } : { kind: 'retry', error };
  }
}
