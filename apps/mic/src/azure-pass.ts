import type { ArmClient, Target, WriteTurn } from '@aad-pod-identity/azure-arm';
import type { Clock } from '@aad-pod-identity/runtime';
import { assign, type AssignOptions, type AssignResult } from './apply/assign.ts';
import type { AzureView } from './apply/azure-view.ts';
import { faultOf } from './apply/faults.ts';
import type { Pauses } from './apply/pauses.ts';
import { saysWhose } from './apply/says-whose.ts';
import type { Ledger } from './ledger.ts';
import { inFlight } from './plan/in-flight.ts';
import { type TargetPlan, wantsWrite } from './plan/target-plan.ts';
import type { Planner } from './planner.ts';
import type { RecordPass } from './record-pass.ts';
import type { Reporter } from './report.ts';
import type { TargetMemory } from './target-memory.ts';

export interface AzurePassOptions extends AssignOptions {
  readonly arm: ArmClient;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly report: Reporter;
}

interface Parts {
  readonly planner: Planner;
  readonly records: RecordPass;
  readonly azure: AzureView;
  readonly pauses: Pauses;
}

/** One pass over one VM or scale set. */
interface Pass {
  readonly key: string;
  readonly target: Target;
  readonly memory: TargetMemory;
  readonly signal: AbortSignal;
  /** What was seen since then is fresh enough to write on (monotonic milliseconds). */
  freshFrom: number;
  /** Until it has waited for its turn, undefined. */
  turn: WriteTurn | undefined;
  readonly errors: Error[];
}

/** Who waited so long for the turn to write looks again: what was seen before may not be there any more. */
const LONG_WAIT_MS = 1000;

/** Lower-cased ids that a write has put there and taken off. */
function doneOf({ add, remove }: TargetPlan, refused: AssignResult['refused']) {
  const done = (ids: readonly string[]) => ids.map((id) => id.toLowerCase()).filter((armId) => !refused.has(armId));
  return { added: done(add), removed: done(remove) };
}

/**
 * Brings one VM or scale set to what the cluster asks for: look, record, write, confirm. Whoever calls sees to it that
 * there is never more than one pass over one of them at a time, hence never more than one write.
 */
export class AzurePass {
  readonly #options: AzurePassOptions;
  readonly #parts: Parts;

  constructor(options: AzurePassOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  /**
   * Gives what failed and is to be tried again.
   * @throws KubeError where the ledger cannot be written, or the signal's reason
   */
  async run(key: string, target: Target, memory: TargetMemory, signal: AbortSignal): Promise<readonly Error[]> {
    const freshFrom = this.#options.clock.monotonic();
    const pass: Pass = { key, target, memory, signal, freshFrom, turn: undefined, errors: [] };
    try {
      if (!this.#parts.azure.isKnown(memory)) await this.#look(pass);
      await this.#record(pass);
      if (await this.#prepare(pass)) await this.#record(pass);
      // What was taken off to be replaced is put back at once.
      if (await this.#write(pass)) await this.#write(pass);
    } finally {
      pass.turn?.giveBack();
    }
    await this.#keepLedger(pass);
    return pass.errors;
  }

  /** What a write needs before it: no pause, its turn, a fresh look. Gives whether something has come to light. */
  async #prepare(pass: Pass): Promise<boolean> {
    if (!wantsWrite(this.#plan(pass))) return false;
    const pause = this.#pause(pass);
    if (pause !== undefined) {
      pass.memory.writeFault = pause.fault;
      return true;
    }
    await this.#awaitTurn(pass);
    if (this.#isFresh(pass)) return false;
    await this.#look(pass);
    return true;
  }

  /** What is to be written is decided after that: it may have become more, or nothing, in the meantime. */
  async #awaitTurn(pass: Pass): Promise<void> {
    const { arm, clock } = this.#options;
    const askedAt = clock.monotonic();
    pass.turn = await arm.writeTurn(pass.target, pass.signal);
    const now = clock.monotonic();
    if (now - askedAt >= LONG_WAIT_MS) pass.freshFrom = now;
  }

  #pause({ key, target }: Pass) {
    return this.#parts.pauses.current('write', key, target);
  }

  /** What is to be written rests on what is there in this pass: somebody else may have changed it since the last one. */
  #isFresh({ memory, freshFrom }: Pass): boolean {
    return memory.observed !== undefined && memory.observed.at >= freshFrom;
  }

  #plan({ key, memory }: Pass): TargetPlan {
    const { planner } = this.#parts;
    return planner.plan(planner.see(key, memory), memory);
  }

  async #look({ key, target, memory, signal, errors }: Pass): Promise<void> {
    const error = await this.#parts.azure.look({ key, target, memory }, signal);
    if (error === undefined) return;
    if (error.code === 'notFound') await this.#options.ledger.save(key, new Set(), signal);
    errors.push(error);
  }

  async #record({ key, memory, signal, errors }: Pass): Promise<void> {
    errors.push(...(await this.#parts.records.run(key, memory, signal)).errors);
  }

  /**
   * First the ledger, then Azure, then the records again. Meanwhile records are written beside it. Gives whether
   * something was taken off that is to be put back.
   */
  async #write(pass: Pass): Promise<boolean> {
    const { key, memory, signal } = pass;
    const plan = this.#plan(pass);
    if (!wantsWrite(plan) || !this.#isFresh(pass) || this.#pause(pass) !== undefined) return false;
    memory.inFlight = inFlight(plan);
    let replaced = false;
    try {
      await this.#options.ledger.save(key, plan.ledger, signal);
      replaced = await this.#send(pass, plan);
    } finally {
      memory.inFlight = undefined;
    }
    await this.#record(pass);
    return replaced;
  }

  /** What was seen before the write says nothing of what is there after it. */
  async #send(pass: Pass, plan: TargetPlan): Promise<boolean> {
    const { target, memory, signal, turn } = pass;
    const { add, remove } = plan;
    const before = memory.observed;
    if (before === undefined) return false;
    const isSuspect = (armId: string): boolean => memory.faults.has(armId);
    const job = { target, add, remove, current: before.identities, isSuspect, turn };
    try {
      const replaced = this.#learn(pass, plan, await assign(job, this.#options, signal));
      if (memory.observed === before) await this.#look(pass);
      return replaced;
    } finally {
      if (memory.observed === before) this.#parts.azure.lost(memory);
    }
  }

  #learn(pass: Pass, plan: TargetPlan, result: AssignResult): boolean {
    const { memory } = pass;
    const { add } = plan;
    const { identities, refused, error } = result;
    if (identities === undefined) this.#parts.azure.doubt(memory);
    else if (saysWhose(add, refused, identities)) this.#parts.azure.saw(memory, identities);
    const done = error === undefined ? doneOf(plan, refused) : { added: [], removed: [] };
    for (const armId of [...done.added, ...done.removed]) memory.faults.clear(armId);
    for (const armId of done.added) memory.replacements.assigned(armId);
    for (const [armId, reason] of refused) memory.faults.note(armId, reason);
    memory.writeFault = error && faultOf(error);
    this.#tell(pass, result);
    return this.#noteReplaced(pass, new Set(done.removed.filter((armId) => plan.outdated.has(armId))));
  }

  #noteReplaced({ key, memory }: Pass, replaced: ReadonlySet<string>): boolean {
    if (replaced.size === 0) return false;
    for (const armId of replaced) memory.replacements.replaced(armId);
    this.#options.report.replaced(key, this.#parts.planner.see(key, memory).view.needs, replaced);
    return true;
  }

  #tell({ key, target, memory, errors }: Pass, { refused, error }: AssignResult): void {
    const { report } = this.#options;
    const { pauses } = this.#parts;
    const { view, records } = this.#parts.planner.see(key, memory);
    report.refused(view.needs, records, refused);
    if (error === undefined) return;
    report.failed(key, error, view.needs, records);
    // A poll is a read: the write whose poll is throttled goes on, and asking how it goes is as pointless.
    if (error.code === 'throttled' && error.request === 'poll') pauses.note('read', key, target, error);
    if (!pauses.note('write', key, target, error)) errors.push(error);
  }

  /** Not what is still to be added: who adds a refused identity by hand in the meantime owns it. */
  async #keepLedger(pass: Pass): Promise<void> {
    const { key, signal } = pass;
    const { ledger } = this.#options;
    const before = ledger.get(key);
    await ledger.save(key, this.#plan(pass).owned, signal);
    // Records that waited for the ledger can go now, and 1.8.17's finalizer of the others.
    if (ledger.get(key) !== before) await this.#record(pass);
  }
}
