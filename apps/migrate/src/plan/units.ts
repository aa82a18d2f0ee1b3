import { POD_LABEL } from '@aad-pod-identity/crd-types';
import type { OwnerReference, PodShape, PodView, WorkloadView, World } from '../world/views.ts';

export const USE_LABEL = 'azure.workload.identity/use';

/** What an operator changes in one place: a workload, a pod of nobody, or an owner of a kind that is not known here. */
export interface Unit {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly template: PodShape;
  readonly selectorKeys: readonly string[];
  readonly replacesOnDelete: boolean;
  readonly pods: readonly PodView[];
}

/** How far a unit is on its way. */
export type Standing = 'unconcerned' | 'toMigrate' | 'inTransition' | 'migrated';

type Root = Omit<Unit, 'pods'>;

const rootKey = ({ apiVersion, kind, namespace, name }: Root): string => [apiVersion, kind, namespace, name].join(' ');

function foreignRoot(owner: OwnerReference, namespace: string, template: PodShape): Root {
  const { apiVersion, kind, name } = owner;
  return { apiVersion, kind, name, namespace, template, selectorKeys: [], replacesOnDelete: false };
}

/** Goes from owner to owner to the one that nobody known owns. `seen` ends what owns itself. */
function rootOf(workload: WorkloadView, byUid: ReadonlyMap<string, WorkloadView>, seen: readonly string[] = []): Root {
  const { owner, namespace, template } = workload;
  if (owner === undefined || seen.includes(workload.uid)) return workload;
  const above = byUid.get(owner.uid);
  return above === undefined ? foreignRoot(owner, namespace, template) : rootOf(above, byUid, [...seen, workload.uid]);
}

function rootOfPod(pod: PodView, byUid: ReadonlyMap<string, WorkloadView>): Root {
  if (pod.owner === undefined) {
    const { namespace, name } = pod;
    const kind = { apiVersion: 'v1', kind: 'Pod' };
    return { ...kind, namespace, name, template: pod, selectorKeys: [], replacesOnDelete: false };
  }
  const workload = byUid.get(pod.owner.uid);
  return workload === undefined ? foreignRoot(pod.owner, pod.namespace, pod) : rootOf(workload, byUid);
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

const byPlace = (a: Unit, b: Unit): number =>
  compareText(a.namespace, b.namespace) || compareText(a.kind, b.kind) || compareText(a.name, b.name);

/** Everything that makes pods, with its live pods, sorted; a workload without pods counts as well. */
export function unitsOf({ workloads, pods }: Pick<World, 'workloads' | 'pods'>): Unit[] {
  const byUid = new Map(workloads.map((workload) => [workload.uid, workload]));
  const found = new Map<string, { root: Root; pods: PodView[] }>();
  const add = (root: Root, own: readonly PodView[]): void => {
    const entry = found.get(rootKey(root)) ?? { root, pods: [] };
    entry.pods.push(...own);
    found.set(rootKey(root), entry);
  };
  for (const workload of workloads) add(rootOf(workload, byUid), []);
  for (const pod of pods) add(rootOfPod(pod, byUid), [pod]);
  return [...found.values()].map(({ root, pods: own }) => ({ ...root, pods: own })).sort(byPlace);
}

const labelOfShape = ({ labels }: PodShape): string => labels[POD_LABEL] ?? '';

/** The values of the label `aadpodidbinding` on its pods, other than the one that decides. */
export function otherLabels(unit: Unit): string[] {
  const values = unit.pods.map(labelOfShape).filter((value) => value !== '' && value !== labelOf(unit));
  return [...new Set(values)].sort(compareText);
}

/** The value that decides: the template's, else one that somebody has put on its pods; empty if there is none. */
export function labelOf(unit: Unit): string {
  const onPods = unit.pods.map(labelOfShape).filter((value) => value !== '');
  return labelOfShape(unit.template) || (onPods.sort(compareText)[0] ?? '');
}

const isUsing = ({ labels }: PodShape): boolean => labels[USE_LABEL] === 'true';

/** By both labels: the old one serves until it is gone, wherever it is. */
const STANDINGS: Readonly<Record<'old' | 'both' | 'new' | 'none', Standing>> = {
  old: 'toMigrate',
  both: 'inTransition',
  new: 'migrated',
  none: 'unconcerned',
};

export function standingOf(unit: Unit): Standing {
  const isOld = labelOf(unit) !== '';
  const isNew = isUsing(unit.template);
  if (isOld) return STANDINGS[isNew ? 'both' : 'old'];
  return STANDINGS[isNew ? 'new' : 'none'];
}
