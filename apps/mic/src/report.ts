import type { ArmError } from '@aad-pod-identity/azure-arm';
import { isKubeError, type KubeErrorCode } from '@aad-pod-identity/kube';
import { redactId } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { faultOf } from './apply/faults.ts';
import type { FailedWrite, RecordWrites } from './apply/write-records.ts';
import {
  bindingApplied,
  bindingApplyError,
  bindingRemoved,
  bindingRemoveError,
  type EventValue,
  identityRecreated,
  noticed,
  statusUpdateError,
} from './events.ts';
import { armIdOf, type Need, pairOfNeed, pairOfRecord } from './plan/need.ts';
import type { Notice } from './plan/notice.ts';
import { REASONS } from './plan/reasons.ts';
import type { RecordStatus } from './plan/record-form.ts';
import { type Fault, isOnItsWay } from './plan/target-plan.ts';
import { Told } from './told.ts';
import type { RecordView } from './world/views.ts';

/** Failures that are no fault of the record; while they last an Event could not be written either. */
const PASSING: readonly KubeErrorCode[] = ['conflict', 'unreachable', 'timeout', 'tooManyRequests'];

function saysSame(before: RecordView | undefined, { reason, message }: RecordStatus): boolean {
  return before?.ready?.reason === reason && before.ready.message === message;
}

/** Tells people what happened: one log line and, where a binding is concerned, one Event. */
export class Reporter {
  readonly #logger: Logger;
  readonly #record: (event: EventValue) => void;
  /** Failures, by the uid of a record or by the pair that is to have one. */
  readonly #told = new Told();

  constructor(logger: Logger, record: (event: EventValue) => void) {
    this.#logger = logger;
    this.#record = record;
  }

  /** Something that stands in the way of an identity; whoever calls sees to it that it is told once. */
  notice(notice: Notice): void {
    const { reason, detail, pod, binding } = notice;
    const { type, says } = REASONS[reason];
    const place = (of: { namespace: string; name: string } | undefined) => of && `${of.namespace}/${of.name}`;
    const fields = { reason, pod: place(pod), binding: place(binding), detail };
    if (type === 'Warning') this.#logger.warn(says, fields);
    else this.#logger.info(says, fields);
    this.#maybe(noticed(notice));
  }

  /** An Event says what is new: that it is assigned, or another reason why it is not. */
  written(written: RecordWrites['written']): void {
    for (const { record, change } of written) {
      const { need, status } = change;
      const before = 'record' in change ? change.record : undefined;
      const fields = {
        ...this.#fields(record),
        identityType: need.identity.spec.type,
        clientid: redactId(need.identity.spec.clientID),
      };
      const state = { state: status.state, before: before?.state ?? 'new', reason: status.reason };
      this.#logger.info('assigned identity written', { ...fields, ...state });
      for (const thing of [record.uid, pairOfNeed(need)]) this.#told.over(thing);
      if (status.state === 'Assigned') {
        if (before?.state !== 'Assigned') this.#record(bindingApplied(need, record));
      } else if (!isOnItsWay(status) && !saysSame(before, status)) this.#record(bindingApplyError(need, status));
    }
  }

  dropped(dropped: readonly RecordView[]): void {
    for (const record of dropped) {
      this.#logger.info('assigned identity deleted', this.#fields(record));
      this.#told.over(record.uid);
      this.#maybe(bindingRemoved(record));
    }
  }

  /** What the API server refuses; a failure that passes is in the log, and the next try is near. */
  notWritten(failed: readonly FailedWrite[]): void {
    for (const failure of failed) {
      const { error } = failure;
      if (!isKubeError(error) || PASSING.includes(error.code)) continue;
      const [thing, event] = this.#refusal(failure, { reason: error.reason ?? error.code, message: error.message });
      if (this.#told.isNews(thing, error.message)) this.#maybe(event);
    }
  }

  #refusal(failure: FailedWrite, fault: Fault): [thing: string, EventValue | undefined] {
    if ('dropping' in failure) return [failure.dropping.uid, bindingRemoveError(failure.dropping, fault)];
    const { change } = failure;
    if (!('record' in change)) return [pairOfNeed(change.need), bindingApplyError(change.need, fault)];
    return [change.record.uid, statusUpdateError(change.record, fault.message)];
  }

  /** Identities that ARM refused. Records that ask for one say so; those that wait for its end are to be gone. */
  refused(needs: readonly Need[], records: readonly RecordView[], refused: ReadonlyMap<string, ArmError>): void {
    for (const [armId, error] of refused) {
      this.#logger.warn('identity refused by arm', { identity: armId.split('/').at(-1), code: error.code, err: error });
    }
    this.#notReleased(needs, records, (armId) => refused.get(armId));
  }

  failed(key: string, error: ArmError, needs: readonly Need[], records: readonly RecordView[]): void {
    this.#logger.warn('arm write failed', { target: key, code: error.code, err: error });
    this.#notReleased(needs, records, () => error);
  }

  #notReleased(
    needs: readonly Need[],
    records: readonly RecordView[],
    errorOf: (armId: string) => ArmError | undefined,
  ): void {
    const asked = new Set(needs.map(pairOfNeed));
    for (const record of records) {
      const armId = armIdOf(record.identity);
      const error = armId === undefined || asked.has(pairOfRecord(record) ?? '') ? undefined : errorOf(armId);
      if (error !== undefined && this.#told.isNews(record.uid, error.message)) {
        this.#maybe(bindingRemoveError(record, faultOf(error)));
      }
    }
  }

  /** Identities that were taken off a VM or scale set to be put back: they had been recreated in Azure. */
  replaced(key: string, needs: readonly Need[], replaced: ReadonlySet<string>): void {
    for (const armId of replaced) {
      this.#logger.warn('identity recreated in azure is replaced', { target: key, identity: armId.split('/').at(-1) });
    }
    const concerned = needs.filter(({ identity }) => replaced.has(armIdOf(identity) ?? ''));
    const byBinding = new Map(concerned.map((need) => [need.binding.metadata.uid, need]));
    for (const need of byBinding.values()) this.#record(identityRecreated(need, key.split('/').at(-1) ?? key));
  }

  #fields({ namespace, name, pod, podNamespace, node }: RecordView) {
    return { record: `${namespace}/${name}`, pod: `${podNamespace}/${pod}`, node };
  }

  #maybe(event: EventValue | undefined): void {
    if (event !== undefined) this.#record(event);
  }
}
