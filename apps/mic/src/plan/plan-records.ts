import type { RecordView } from '../world/views.ts';
import { armIdOf, type Need, pairOfNeed, pairOfRecord } from './need.ts';
import { difference, type RecordStatus } from './record-form.ts';
import { chooseName } from './record-name.ts';

export interface NewRecord {
  readonly need: Need;
  readonly namespace: string;
  readonly name: string;
  readonly status: RecordStatus;
}

export interface ChangedRecord {
  readonly record: RecordView;
  readonly need: Need;
  /** Whether the whole record is written, only its status, or nothing but that 1.8.17's finalizer is taken off. */
  readonly extent: 'content' | 'status' | 'finalizer';
  readonly status: RecordStatus;
}

export interface RecordPlan {
  readonly create: readonly NewRecord[];
  readonly update: readonly ChangedRecord[];
  /** Nobody needs them, and nothing on Azure hangs on them. */
  readonly drop: readonly RecordView[];
  /** Nobody needs them, but their identity is still on the VM or scale set and is to go first. */
  readonly hold: readonly RecordView[];
}

export interface RecordPlanInput {
  readonly needs: readonly Need[];
  readonly records: readonly RecordView[];
  readonly statusOf: (need: Need, record: RecordView | undefined) => RecordStatus;
  /** The need as its record is to say it. */
  readonly resolve: (need: Need, record: RecordView | undefined) => Need;
  /** Where a new record goes. */
  readonly namespaceOf: (need: Need) => string;
  /** Whether a record of this name, of whatever target, is in the cluster. */
  readonly isTaken: (namespace: string, name: string) => boolean;
  /** Whether 1.8.17's finalizer can be taken off: what only the record said is known without it. */
  readonly mayRelease: (record: RecordView) => boolean;
  /** Whether this identity, lower-cased, is to be taken off the VM or scale set. */
  readonly isLeaving: (armId: string) => boolean;
}

/** The record that a pair keeps: of two, the one that was named first; a record that is being deleted serves nobody. */
function keepers(records: readonly RecordView[], needs: readonly Need[]): Map<string, RecordView> {
  const wanted = new Set(needs.map(pairOfNeed));
  const kept = new Map<string, RecordView>();
  for (const record of [...records].sort((a, b) => a.name.length - b.name.length)) {
    const pair = pairOfRecord(record);
    if (pair !== undefined && wanted.has(pair) && !record.deleting && !kept.has(pair)) kept.set(pair, record);
  }
  return kept;
}

function planOne(
  asked: Need,
  record: RecordView | undefined,
  { statusOf, resolve, namespaceOf, isTaken, mayRelease }: RecordPlanInput,
  claimed: Set<string>,
): NewRecord | ChangedRecord | undefined {
  const status = statusOf(asked, record);
  const need = resolve(asked, record);
  if (record !== undefined) {
    const extent = difference(record, need, status);
    if (extent !== 'none') return { record, need, extent, status };
    return mayRelease(record) ? { record, need, extent: 'finalizer', status } : undefined;
  }
  const namespace = namespaceOf(need);
  const name = chooseName(need, (plain) => isTaken(namespace, plain) || claimed.has(`${namespace}/${plain}`));
  claimed.add(`${namespace}/${name}`);
  return { need, namespace, name, status };
}

export function planRecords(input: RecordPlanInput): RecordPlan {
  const kept = keepers(input.records, input.needs);
  const claimed = new Set<string>();
  const changes = input.needs
    .map((need) => planOne(need, kept.get(pairOfNeed(need)), input, claimed))
    .filter((change) => change !== undefined);
  const keeping = new Set(kept.values());
  const stale = input.records.filter((record) => !keeping.has(record));
  const isHeld = (record: RecordView): boolean => {
    // Somebody deletes it: without a finalizer it would be gone already.
    if (record.deleting && input.mayRelease(record)) return false;
    const armId = armIdOf(record.identity);
    return armId !== undefined && input.isLeaving(armId);
  };
  return {
    create: changes.filter((change): change is NewRecord => !('record' in change)),
    update: changes.filter((change): change is ChangedRecord => 'record' in change),
    drop: stale.filter((record) => !isHeld(record)),
    hold: stale.filter(isHeld),
  };
}
