import type { ArmError } from '@aad-pod-identity/azure-arm';
import { redactId } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';
import { faultOf } from './apply/faults.ts';
import type { RecordWrites } from './apply/write-records.ts';
import {
  bindingApplied,
  bindingApplyError,
  bindingRemoved,
  bindingRemoveError,
  type EventValue,
  identityRecreated,
  noticed,
} from './events.ts';
import { armIdOf, type Need, pairOfNeed, pairOfRecord } from './plan/need.ts';
import type { Notice } from './plan/notice.ts';
import { REASONS } from './plan/reasons.ts';
import type { RecordView } from './world/views.ts';

/** Tells people what happened: one log line and, where a binding is concerned, one Event. */
export class Reporter {
  readonly #logger: Logger;
  readonly #record: (event: EventValue) => void;

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

  written(written: RecordWrites['written']): void {
    for (const { record, change } of written) {
      const { need, status } = change;
      const before = 'record' in change ? change.record.state : 'new';
      const fields = {
        ...this.#fields(record),
        identityType: need.identity.spec.type,
        clientid: redactId(need.identity.spec.clientID),
      };
      this.#logger.info('assigned identity written', { ...fields, state: status.state, before, reason: status.reason });
      if (status.state === 'Assigned' && before !== 'Assigned') this.#record(bindingApplied(need, record));
    }
  }

  dropped(dropped: readonly RecordView[]): void {
    for (const record of dropped) {
      this.#logger.info('assigned identity deleted', this.#fields(record));
      this.#maybe(bindingRemoved(record));
    }
  }

  /** Identities that ARM refused, told to each binding that asked for them and to each record that waits for their end. */
  refused(needs: readonly Need[], records: readonly RecordView[], refused: ReadonlyMap<string, ArmError>): void {
    for (const [armId, error] of refused) {
      this.#logger.warn('identity refused by arm', { identity: armId.split('/').at(-1), code: error.code, err: error });
    }
    const asked = new Set(needs.map(pairOfNeed));
    for (const need of needs) {
      const error = refused.get(armIdOf(need.identity) ?? '');
      if (error !== undefined) this.#record(bindingApplyError(need, faultOf(error)));
    }
    for (const record of records) {
      const error = refused.get(armIdOf(record.identity) ?? '');
      if (error !== undefined && !asked.has(pairOfRecord(record) ?? '')) {
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

  failed(key: string, error: ArmError): void {
    this.#logger.warn('arm write failed', { target: key, code: error.code, err: error });
  }

  #fields({ namespace, name, pod, podNamespace, node }: RecordView) {
    return { record: `${namespace}/${name}`, pod: `${podNamespace}/${pod}`, node };
  }

  #maybe(event: EventValue | undefined): void {
    if (event !== undefined) this.#record(event);
  }
}
