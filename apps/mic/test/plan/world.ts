import { identityResourceId } from '@aad-pod-identity/testing';
import type { Stores } from '../../src/world/stores.ts';
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
