import { type InFlight, inFlight, NOTHING_IN_FLIGHT } from '../../src/plan/in-flight.ts';
import { armIdOf, type Need, pairOfRecord } from '../../src/plan/need.ts';
import type { ChangedRecord, NewRecord } from '../../src/plan/plan-records.ts';
import type { RecordStatus } from '../../src/plan/record-form.ts';
import { planTarget, type TargetPlan } from '../../src/plan/target-plan.ts';
import { createStores, objectKey } from '../../src/world/stores.ts';
import { viewTarget } from '../../src/world/target-view.ts';
import { allKeys } from '../../src/triggers.ts';
import type { RecordView } from '../../src/world/views.ts';
import { specification } from './world.ts';

let serial = 0;

function recordFrom(
  need: Need,
  { namespace, name, uid }: { namespace: string; name: string; uid: string },
  { state, reason, message }: RecordStatus,
): RecordView {
  const { pod, identity, binding } = need;
  const ready = { type: 'Ready', status: state === 'Assigned' ? 'True' : 'False', lastTransitionTime: '' };
  return {
    ...{ namespace, name, uid, resourceVersion: '', finalizers: [], deleting: false },
    ...{ pod: pod.name, podNamespace: pod.namespace, node: pod.node, identity, binding, state },
    ready: { ...ready, reason, message },
  };
}

export type Phase = 'records' | 'ledger' | 'arm' | 'nothing';

/** The cluster and Azure, and MIC as a sequence of phases any of which may be the last before a crash. */
export class Model {
  readonly stores = createStores();
  readonly azure = new Map<string, Set<string>>();
  readonly ledger = new Map<string, ReadonlySet<string>>();
  readonly removed: { target: string; id: string; wasNeeded: boolean; wasOutdated: boolean }[] = [];
  /** `<target>/<id>` of what was recreated since it was assigned there. */
  readonly outdated = new Set<string>();
  /** Records that were set Assigned although their identity was not, or was about to change. */
  readonly early: string[] = [];
  /** API and ARM writes so far. */
  writes = 0;
  #inFlight: InFlight = NOTHING_IN_FLIGHT;

  keys(): string[] {
    return [...new Set([...allKeys(this.stores), ...this.ledger.keys()])];
  }

  plan(key: string): TargetPlan {
    const view = viewTarget(key, this.stores, false);
    const present = new Map(
      [...this.#present(key)].map((id) => [id, { id, clientId: `client-${id.split('/').at(-1)}` }]),
    );
    return planTarget({
      ...{ needs: view.needs, records: view.records, present, ledger: this.ledger.get(key) ?? new Set() },
      namespaceOf: () => 'default',
      isTaken: (namespace, name) => this.stores.records.get(`${namespace}/${name}`) !== undefined,
      isFinal: this.#inFlight === NOTHING_IN_FLIGHT,
      isUnderWay: this.#inFlight !== NOTHING_IN_FLIGHT,
      inFlight: this.#inFlight,
      isProtected: () => false,
      isResting: () => false,
      isOutdated: (armId) => this.outdated.has(this.#spot(key, armId)),
      mayReplace: () => true,
      clientIdOf: () => undefined,
      faultOf: () => undefined,
    });
  }

  /** Deletes an identity and creates another of its name: wherever it is assigned, that is the old one. */
  recreate(armId: string): void {
    for (const [target, ids] of this.azure) if (ids.has(armId)) this.outdated.add(`${target}/${armId}`);
  }

  #spot(key: string, armId: string): string {
    return `${key.split('/').at(-1) ?? ''}/${armId}`;
  }

  /** One pass, ended after `last` as if the process had been killed there. While ARM writes, `meanwhile` happens. */
  pass(key: string, last: Phase = 'nothing', meanwhile: () => void = () => undefined): void {
    const plan = this.plan(key);
    this.#writeRecords(key, plan);
    if (last === 'records') return;
    this.#save(key, plan.ledger);
    if (last === 'ledger') return;
    if (plan.add.length + plan.remove.length === 0) return;
    this.#patch(key, plan, () => {
      this.#beside(key, plan, meanwhile);
    });
    if (last === 'arm') return;
    const after = this.plan(key);
    this.#writeRecords(key, after);
    this.#save(key, after.owned);
  }

  #beside(key: string, plan: TargetPlan, meanwhile: () => void): void {
    this.#inFlight = inFlight(plan);
    meanwhile();
    this.#writeRecords(key, this.plan(key));
    this.#inFlight = NOTHING_IN_FLIGHT;
  }

  #present(key: string): Set<string> {
    return this.azure.get(key.split('/').at(-1) ?? '') ?? new Set();
  }

  #save(key: string, ledger: ReadonlySet<string>): void {
    const before = this.ledger.get(key) ?? new Set();
    if (before.size === ledger.size && [...ledger].every((id) => before.has(id))) return;
    this.writes++;
    this.ledger.set(key, ledger);
  }

  #patch(key: string, { add, remove }: TargetPlan, meanwhile: () => void): void {
    this.writes++;
    const target = key.split('/').at(-1) ?? '';
    const ids = this.#present(key);
    const needed = specification(this.stores).needed.get(target) ?? new Set();
    // ARM may show what it adds before it has confirmed it.
    for (const id of add) ids.add(id.toLowerCase());
    this.azure.set(target, ids);
    meanwhile();
    for (const id of remove.map((each) => each.toLowerCase())) {
      ids.delete(id);
      const wasOutdated = this.outdated.delete(`${target}/${id}`);
      this.removed.push({ target, id, wasNeeded: needed.has(id), wasOutdated });
    }
  }

  #writeRecords(key: string, { records: { create, update, drop } }: TargetPlan): void {
    for (const change of [...create, ...update]) this.#check(key, change);
    this.writes += create.length + update.length + drop.length;
    for (const record of drop) this.stores.records.remove(objectKey(record));
    for (const change of create) this.#create(change);
    for (const { record, need, status, extent } of update as ChangedRecord[]) {
      const content: Need =
        extent === 'content' || !record.identity || !record.binding
          ? need
          : { ...need, identity: record.identity, binding: record.binding };
      this.stores.records.apply(recordFrom(content, record, status));
    }
  }

  #check(key: string, change: NewRecord | ChangedRecord): void {
    const armId = armIdOf(change.need.identity);
    const { pod } = change.need;
    const isHere = 'record' in change && change.record.node === pod.node && armIdOf(change.record.identity) === armId;
    const before = isHere ? change.record.state : 'Created';
    if (armId === undefined || change.status.state !== 'Assigned' || before === 'Assigned') return;
    const { add, remove } = this.#inFlight;
    if (!this.#present(key).has(armId) || add.has(armId) || remove.has(armId)) this.early.push(armId);
  }

  #create({ need, namespace, name, status }: NewRecord): void {
    if (this.stores.records.get(`${namespace}/${name}`) !== undefined) throw new Error(`the name ${name} is taken`);
    this.stores.records.apply(recordFrom(need, { namespace, name, uid: `uid-${serial++}` }, status));
  }

  pairsWithRecords(): string[] {
    return [...this.stores.records.list()].map((record) => pairOfRecord(record) ?? 'none');
  }

  /** Of each record whose identity ARM assigns: the id, and whether it says Assigned. */
  assigned(): { armId: string; isAssigned: boolean }[] {
    return [...this.stores.records.list()].flatMap(({ identity, state }) => {
      const armId = armIdOf(identity);
      return armId === undefined ? [] : [{ armId, isAssigned: state === 'Assigned' }];
    });
  }
}
