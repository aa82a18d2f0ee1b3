import { identityResourceId } from '@aad-pod-identity/testing';
import { armIdOf, type Need, pairOfRecord } from '../../src/plan/need.ts';
import type { ChangedRecord, NewRecord } from '../../src/plan/plan-records.ts';
import { planTarget, type TargetPlan } from '../../src/plan/target-plan.ts';
import { createStores, objectKey, type Stores } from '../../src/world/stores.ts';
import { viewTarget } from '../../src/world/target-view.ts';
import { allKeys } from '../../src/triggers.ts';
import type { RecordView } from '../../src/world/views.ts';
import { bindingValue, identityValue, nodeView, podView } from '../scene.ts';

/** A small world in which every choice is a number, so that fast-check can make and shrink it. */
export interface WorldChoice {
  readonly pods: readonly {
    readonly name: number;
    readonly namespace: number;
    readonly node: number;
    readonly label: number;
    readonly done: boolean;
  }[];
  readonly bindings: readonly { readonly namespace: number; readonly identity: number; readonly selector: number }[];
  /** Kind of each of the identities: assignable, malformed, service principal, or not there. */
  readonly identities: readonly ('msi' | 'malformed' | 'principal' | 'missing')[];
}

const NAMESPACES = ['a', 'b', 'a-b'];
const POD_NAMES = ['p', 'p-a', 'b-p'];
const NODES = ['set-0', 'set-1', 'vm', 'unplaced', 'gone'];
const LABELS = ['red', 'blue'];
export const IDENTITIES = ['x', 'y', 'z'];

const at = <T>(values: readonly T[], index: number): T => values[index % values.length] as T;

/** Puts pods, bindings and identities of `choice` in the place of those before; records and nodes stay. */
export function arrange(stores: Stores, { pods, bindings, identities }: WorldChoice): void {
  stores.nodes.replaceAll([
    nodeView({ name: 'set-0', scaleSet: { name: 'set', instance: 0 } }),
    nodeView({ name: 'set-1', scaleSet: { name: 'set', instance: 1 } }),
    nodeView({ name: 'vm' }),
    nodeView({ name: 'unplaced', providerID: '' }),
  ]);
  stores.pods.replaceAll(
    pods.map(({ name, namespace, node, label, done }) =>
      podView({
        ...{ name: at(POD_NAMES, name), namespace: at(NAMESPACES, namespace), node: at(NODES, node) },
        ...{ label: at(LABELS, label), phase: done ? 'Succeeded' : 'Running' },
      }),
    ),
  );
  stores.bindings.replaceAll(
    bindings.map((binding, index) => {
      const place = { name: `binding-${index}`, namespace: at(NAMESPACES, binding.namespace) };
      const [identity, selector] = [at(IDENTITIES, binding.identity), at(LABELS, binding.selector)];
      return { ...place, value: bindingValue({ ...place, identity, selector }) };
    }),
  );
  stores.identities.replaceAll(
    NAMESPACES.flatMap((namespace) =>
      IDENTITIES.flatMap((name, index) => {
        const kind = at(identities, index);
        if (kind === 'missing') return [];
        const resourceID = kind === 'malformed' ? 'nonsense' : identityResourceId(name);
        const spec = { type: kind === 'principal' ? 1 : 0, resourceID };
        return [{ namespace, name, value: identityValue({ name, namespace, spec }) }];
      }),
    ),
  );
}

/** The obviously right answer, by looking at everything: which pair must have a record, and which id must be where. */
export function specification(stores: Stores): { pairs: Set<string>; needed: Map<string, Set<string>> } {
  const pairs = new Set<string>();
  const needed = new Map<string, Set<string>>();
  for (const pod of stores.pods.list()) {
    const node = stores.nodes.get(pod.node);
    if (pod.finished || node === undefined) continue;
    for (const binding of stores.bindings.list()) {
      if (!('value' in binding) || binding.value.spec.selector !== pod.label) continue;
      const identity = stores.identities.get(`${binding.namespace}/${binding.value.spec.azureIdentity}`);
      if (identity === undefined || !('value' in identity)) continue;
      const { type, resourceID } = identity.value.spec;
      const isMsi = type === 0;
      if (isMsi && (resourceID === 'nonsense' || node.target === undefined)) continue;
      pairs.add([pod.namespace, pod.name, identity.namespace, identity.name].join('/'));
      if (!isMsi || node.target === undefined) continue;
      const ids = needed.get(node.target.name) ?? new Set();
      needed.set(node.target.name, ids.add(resourceID.toLowerCase()));
    }
  }
  return { pairs, needed };
}

let serial = 0;

function recordFrom(
  need: Need,
  { namespace, name, uid }: { namespace: string; name: string; uid: string },
  state: 'Created' | 'Assigned',
): RecordView {
  const { pod, identity, binding } = need;
  const ready = { type: 'Ready', status: state === 'Assigned' ? 'True' : 'False', lastTransitionTime: '' };
  const why =
    state === 'Assigned' ? ['Assigned', 'the identity can be used'] : ['Assigning', 'the identity is being assigned'];
  return {
    ...{ namespace, name, uid, resourceVersion: '', finalizers: [], deleting: false },
    ...{ pod: pod.name, podNamespace: pod.namespace, node: pod.node, identity, binding, state },
    ready: { ...ready, reason: why[0] ?? '', message: why[1] ?? '' },
  };
}

export type Phase = 'records' | 'ledger' | 'arm' | 'nothing';

/** The cluster and Azure, and MIC as a sequence of phases any of which may be the last before a crash. */
export class Model {
  readonly stores = createStores();
  readonly azure = new Map<string, Set<string>>();
  readonly ledger = new Map<string, ReadonlySet<string>>();
  readonly removed: { target: string; id: string; wasNeeded: boolean }[] = [];
  /** API and ARM writes so far. */
  writes = 0;

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
      isFinal: true,
      isUnderWay: false,
      isProtected: () => false,
      isResting: () => false,
      faultOf: () => undefined,
    });
  }

  /** One pass, ended after `last` as if the process had been killed there. */
  pass(key: string, last: Phase = 'nothing'): void {
    const plan = this.plan(key);
    this.#writeRecords(plan);
    if (last === 'records') return;
    this.#save(key, plan.ledger);
    if (last === 'ledger') return;
    if (plan.add.length + plan.remove.length === 0) return;
    this.#patch(key, plan);
    if (last === 'arm') return;
    const after = this.plan(key);
    this.#writeRecords(after);
    this.#save(key, after.owned);
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

  #patch(key: string, { add, remove }: TargetPlan): void {
    this.writes++;
    const target = key.split('/').at(-1) ?? '';
    const ids = this.#present(key);
    for (const id of add) ids.add(id.toLowerCase());
    const needed = specification(this.stores).needed.get(target) ?? new Set();
    for (const id of remove.map((each) => each.toLowerCase())) {
      ids.delete(id);
      this.removed.push({ target, id, wasNeeded: needed.has(id) });
    }
    this.azure.set(target, ids);
  }

  #writeRecords({ records: { create, update, drop } }: TargetPlan): void {
    this.writes += create.length + update.length + drop.length;
    for (const record of drop) this.stores.records.remove(objectKey(record));
    for (const change of create) this.#create(change);
    for (const { record, need, status, extent } of update as ChangedRecord[]) {
      const content: Need =
        extent === 'content' || !record.identity || !record.binding
          ? need
          : { ...need, identity: record.identity, binding: record.binding };
      this.stores.records.apply(recordFrom(content, record, status.state));
    }
  }

  #create({ need, namespace, name, status }: NewRecord): void {
    if (this.stores.records.get(`${namespace}/${name}`) !== undefined) throw new Error(`the name ${name} is taken`);
    this.stores.records.apply(recordFrom(need, { namespace, name, uid: `uid-${serial++}` }, status.state));
  }

  pairsWithRecords(): string[] {
    return [...this.stores.records.list()].map((record) => pairOfRecord(record) ?? 'none');
  }

  states(): string[] {
    return [...this.stores.records.list()]
      .filter(({ identity }) => armIdOf(identity) !== undefined)
      .map(({ state }) => state);
  }
}
