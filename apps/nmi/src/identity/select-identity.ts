import { sameResourceId } from '@aad-pod-identity/crd-types';
import type { Selector } from '../token-request.ts';
import { type Grant, type GrantState, nameOf } from './grant.ts';

/** What a pod's grants offer for a selector. */
export interface Selection {
  /** The usable ones, the one to take first. */
  readonly assigned: readonly Grant[];
  /** Those that fit but are not usable yet, heaviest first. */
  readonly pending: readonly Grant[];
  /** Those that fit but cannot become usable as they are. */
  readonly never: readonly Grant[];
}

const PENDING: ReadonlySet<GrantState> = new Set(['expected', 'created']);

/**
 * Object ids stand in no object of the cluster, so all fit; the token that comes tells (`by-object-id.ts`). A client id
 * that MIC has yet to fill in may be the one that is asked for.
 */
const FITS: Readonly<Record<Selector['by'], (grant: Grant, id: string) => boolean>> = {
  any: () => true,
  objectId: () => true,
  clientId: ({ identity: { spec }, state }, id) =>
    spec.clientID === '' ? spec.type === 0 && state !== 'assigned' : spec.clientID.toLowerCase() === id.toLowerCase(),
  resourceId: ({ identity }, id) => sameResourceId(identity.spec.resourceID, id),
};

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Heaviest first, then by the names of identity and binding: always the same order for the same objects. */
export function compareGrants(a: Grant, b: Grant): number {
  return (
    b.binding.spec.weight - a.binding.spec.weight ||
    compareText(nameOf(a.identity), nameOf(b.identity)) ||
    compareText(nameOf(a.binding), nameOf(b.binding))
  );
}

/** An explicit selector never falls back to another identity. */
export function selectIdentity(grants: readonly Grant[], selector: Selector): Selection {
  const id = selector.by === 'any' ? '' : selector.id;
  const asked = selector.by === 'objectId' ? selector.asked : undefined;
  const fits = (grant: Grant) => asked?.has(grant.identity.metadata.uid) !== true && FITS[selector.by](grant, id);
  const fitting = grants.filter(fits).sort(compareGrants);
  return {
    assigned: fitting.filter(({ state }) => state === 'assigned'),
    pending: fitting.filter(({ state }) => PENDING.has(state)),
    never: fitting.filter(({ state }) => state === 'never'),
  };
}

/** Whether something that is on its way would be preferred to the best usable one. */
export function heavierIsComing({ assigned, pending }: Pick<Selection, 'assigned' | 'pending'>): boolean {
  const best = assigned[0];
  if (best === undefined) return false;
  return pending.some(({ state, binding }) => state === 'created' && binding.spec.weight > best.binding.spec.weight);
}
