import { identityResourceId } from '@aad-pod-identity/testing';
import { NOTHING_IN_FLIGHT } from '../../src/plan/in-flight.ts';
import type { Need } from '../../src/plan/need.ts';
import { planTarget, type TargetPlanInput } from '../../src/plan/target-plan.ts';
import { bindingValue, identityValue, podView, recordView } from '../scene.ts';

export const idOf = (name: string): string => identityResourceId(name);
export const armIdOf = (name: string): string => idOf(name).toLowerCase();

export function need(identity: string, pod = 'demo', node = 'node-0'): Need {
  return {
    pod: podView({ name: pod, node }),
    identity: identityValue({ name: identity }),
    binding: bindingValue({ name: identity }),
  };
}

export const presentIds = (...names: string[]) =>
  new Map(names.map((name) => [armIdOf(name), { id: idOf(name).toUpperCase(), clientId: `client-${name}` }]));

export function plan(input: Partial<TargetPlanInput>) {
  return planTarget({
    needs: [],
    records: [],
    present: new Map(),
    ledger: new Set(),
    namespaceOf: () => 'default',
    isTaken: () => false,
    isFinal: true,
    isUnderWay: false,
    inFlight: NOTHING_IN_FLIGHT,
    isProtected: () => false,
    isResting: () => false,
    isOutdated: () => false,
    mayReplace: () => true,
    clientIdOf: () => undefined,
    faultOf: () => undefined,
    ...input,
  });
}

export function identityOf(name: string) {
  const { identity, binding } = need(name);
  return { identity: { ...identity }, binding: { ...binding } } as unknown as Parameters<typeof recordView>[0];
}

export const record = (identity: string, options: Parameters<typeof recordView>[0] = {}) =>
  recordView({ ...identityOf(identity), ...options });

export function summary(planned: ReturnType<typeof plan>) {
  const { records, add, remove, ledger } = planned;
  return {
    create: records.create.map(({ name, status }) => `${name} ${status.state}`),
    update: records.update.map(({ record: { name }, extent, status }) => `${name} ${extent} ${status.state}`),
    drop: records.drop.map(({ name }) => name),
    hold: records.hold.map(({ name }) => name),
    add,
    remove,
    ledger: [...ledger],
  };
}

export const nothing = { create: [], update: [], drop: [], hold: [], add: [], remove: [], ledger: [] };
