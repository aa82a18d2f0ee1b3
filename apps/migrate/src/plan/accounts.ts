import { createHash } from 'node:crypto';
import type { ServiceAccountView } from '../world/views.ts';
import type { Unit } from './units.ts';

/** Marks a service account that was made for one workload, so that the next run proposes the same. */
export const MADE_FOR = 'aadpodidentity.k8s.io/service-account-of';

/** Pods run as this one where nobody chose; it is shared by everything in its namespace. */
export const DEFAULT_ACCOUNT = 'default';

export const madeFor = ({ kind, name }: Pick<Unit, 'kind' | 'name'>): string => `${kind.toLowerCase()}/${name}`;

export const accountKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/** What Kubernetes allows as the name of a service account. */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const isAccountName = (name: string): boolean => name.length <= 253 && SUBDOMAIN.test(name);

function candidates({ kind, name }: Unit): string[] {
  const digest = createHash('sha256').update(madeFor({ kind, name })).digest('hex').slice(0, 8);
  return [name, `${name}-${kind.toLowerCase()}`, `${name}-${digest}`];
}

/**
 * The service account that each unit is to run as: its own, or a new one where it runs as `default`. A name that is
 * taken, by an object or by another workload, is given to nobody.
 */
export function accountNames(
  units: readonly Unit[],
  all: readonly Unit[],
  existing: ReadonlyMap<string, ServiceAccountView>,
): ReadonlyMap<Unit, string> {
  const taken = new Set(all.map(({ namespace, template }) => accountKey(namespace, template.serviceAccount)));
  const isFree = (unit: Unit, name: string): boolean => {
    const key = accountKey(unit.namespace, name);
    const object = existing.get(key);
    if (taken.has(key) || name === DEFAULT_ACCOUNT) return false;
    return object === undefined || object.annotations[MADE_FOR] === madeFor(unit);
  };
  const choose = (unit: Unit): string => {
    const { serviceAccount } = unit.template;
    if (serviceAccount !== DEFAULT_ACCOUNT) return serviceAccount;
    const name = candidates(unit).find((candidate) => isFree(unit, candidate)) ?? '';
    taken.add(accountKey(unit.namespace, name));
    return name;
  };
  return new Map(units.map((unit) => [unit, choose(unit)]));
}
