import { targetKey } from '@aad-pod-identity/azure-arm';
import type { AzureIdentityBinding } from '@aad-pod-identity/crd-types';
import { Store } from '@aad-pod-identity/kube';
import { armIdOf } from '../plan/need.ts';
import type { IdentityView, NmiView, NodeView, PodView, Readable, RecordView } from './views.ts';

/** What MIC knows of the cluster, indexed by the questions it asks. */
export interface Stores {
  readonly pods: Store<PodView>;
  readonly nodes: Store<NodeView>;
  /** Only those that run. */
  readonly nmi: Store<NmiView>;
  readonly identities: Store<IdentityView>;
  readonly bindings: Store<Readable<AzureIdentityBinding>>;
  readonly records: Store<RecordView>;
}

export const objectKey = ({ namespace, name }: { namespace: string; name: string }): string => `${namespace}/${name}`;

/** The work on a node's pods: its VM or scale set, or the node itself while that is not known. */
export function placeOf(node: NodeView | undefined, nodeName: string): string {
  return node?.target === undefined ? `node/${nodeName}` : targetKey(node.target);
}

export function createStores(): Stores {
  return {
    pods: new Store<PodView>({
      key: objectKey,
      indexes: { node: ({ node }) => [node], label: ({ label }) => [label] },
    }),
    nodes: new Store<NodeView>({ key: ({ name }) => name, indexes: { place: (node) => [placeOf(node, node.name)] } }),
    nmi: new Store<NmiView>({ key: objectKey, indexes: { node: ({ node }) => [node] } }),
    identities: new Store<IdentityView>({
      key: objectKey,
      indexes: {
        arm: (identity) => {
          const armId = 'value' in identity ? armIdOf(identity.value) : undefined;
          return armId === undefined ? [] : [armId];
        },
      },
    }),
    bindings: new Store<Readable<AzureIdentityBinding>>({
      key: objectKey,
      indexes: {
        selector: (binding) => ('value' in binding ? [binding.value.spec.selector] : []),
        identity: (binding) => ('value' in binding ? [`${binding.namespace}/${binding.value.spec.azureIdentity}`] : []),
      },
    }),
    records: new Store<RecordView>({
      key: objectKey,
      indexes: { node: ({ node }) => [node], pod: ({ podNamespace, pod }) => [`${podNamespace}/${pod}`] },
    }),
  };
}
