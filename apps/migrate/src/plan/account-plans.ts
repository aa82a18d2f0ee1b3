import { redactId } from '@aad-pod-identity/runtime';
import type { ServiceAccountView } from '../world/views.ts';
import { accountKey, DEFAULT_ACCOUNT, isAccountName, MADE_FOR, madeFor } from './accounts.ts';
import { isId, isTenant, targetOf } from './target.ts';
import { compareText, type Standing, type Unit } from './units.ts';
import { nameOf, type Use, type Uses } from './uses.ts';

export const CLIENT_ID = 'azure.workload.identity/client-id';
export const TENANT_ID = 'azure.workload.identity/tenant-id';

/** What is known of one unit before the units of its service account are looked at together. */
export interface Draft extends Uses {
  readonly unit: Unit;
  readonly standing: Standing;
  readonly label: string;
  /** Name of the service account that it is to run as; empty where no name is left. */
  readonly account: string;
}

/** A service account, and all that is to use identities through it. */
export interface AccountPlan {
  readonly namespace: string;
  readonly name: string;
  /** Whether it is made for one workload that runs as `default` today. */
  readonly isOwn: boolean;
  readonly existing: ServiceAccountView | undefined;
  /** What an own one takes its pull secrets from. */
  readonly pattern: ServiceAccountView | undefined;
  readonly drafts: readonly Draft[];
  /** What runs as it and uses none of these identities today. */
  readonly others: readonly Unit[];
  /** Of all its workloads, each once; the one of its annotation first. */
  readonly uses: readonly Use[];
  readonly annotations: Readonly<Record<string, string>>;
  /** Why nothing is proposed for it, neither objects nor credentials. */
  readonly hindrance: string | undefined;
  /** Why there are credentials for it, but no objects. */
  readonly incomplete: string | undefined;
}

type Group = Omit<AccountPlan, 'annotations' | 'hindrance' | 'incomplete'>;

export const kindAndName = ({ kind, name }: Pick<Unit, 'kind' | 'name'>): string => `${kind} ${name}`;

/** The same for two AzureIdentities of one identity in Azure. */
export function identityKey({ identity }: Use): string {
  const target = targetOf(identity);
  if ('key' in target) return `${target.kind} ${target.key}`;
  return identity.spec.clientID.toLowerCase() || nameOf(identity);
}

function annotationsOf({ uses, isOwn, drafts }: Group): Readonly<Record<string, string>> {
  const { clientID = '', tenantID = '' } = uses[0]?.identity.spec ?? {};
  const unit = drafts[0]?.unit;
  return {
    ...(clientID === '' ? {} : { [CLIENT_ID]: clientID }),
    ...(tenantID === '' ? {} : { [TENANT_ID]: tenantID }),
    ...(isOwn && unit !== undefined ? { [MADE_FOR]: madeFor(unit) } : {}),
  };
}

function otherAnnotation({ existing }: Group, wanted: Readonly<Record<string, string>>): string | undefined {
  const found = Object.entries(wanted).find(([key, value]) => {
    const now = existing?.annotations[key] ?? '';
    return now !== '' && now.toLowerCase() !== value.toLowerCase();
  });
  if (found === undefined) return undefined;
  const [key] = found;
  return `it is annotated with another ${key} already, ${redactId(existing?.annotations[key] ?? '')}: decide which is right`;
}

function differentIdentities({ drafts }: Group): string | undefined {
  const defaults = new Map(drafts.flatMap(({ uses }) => uses.slice(0, 1)).map((use) => [identityKey(use), use]));
  if (defaults.size < 2) return undefined;
  const which = drafts.flatMap(({ unit, uses: [first] }) =>
    first === undefined ? [] : [`${kindAndName(unit)} uses ${nameOf(first.identity)}`],
  );
  return `its workloads use different identities (${which.join(', ')}), and a service account has one: give each a service account of its own`;
}

/** In this order; the first that has something to say decides. */
function hindranceOf(group: Group, annotations: Readonly<Record<string, string>>): string | undefined {
  if (!isAccountName(group.name) || !isAccountName(group.namespace)) {
    return 'there is no name for it that Kubernetes allows';
  }
  return differentIdentities(group) ?? otherAnnotation(group, annotations);
}

function incompleteOf({ uses: [first] }: Group): string | undefined {
  const { clientID = '', tenantID = '' } = first?.identity.spec ?? {};
  const name = first === undefined ? '' : nameOf(first.identity);
  if (clientID === '') return `${name} has no clientID to annotate it with`;
  if (!isId(clientID)) return `the clientID of ${name} is not of the form of an id`;
  return tenantID === '' || isTenant(tenantID) ? undefined : `the tenantID of ${name} is not of the form of a tenant`;
}

function unionOf(drafts: readonly Draft[]): Use[] {
  const byIdentity = new Map<string, Use>();
  // The first of each draft is the same where nothing hinders, so it comes first of all.
  for (const use of drafts.flatMap(({ uses }) => uses)) {
    const key = nameOf(use.identity);
    if (!byIdentity.has(key)) byIdentity.set(key, use);
  }
  return [...byIdentity.values()];
}

function finished(group: Group): AccountPlan {
  const annotations = annotationsOf(group);
  return {
    ...group,
    annotations,
    hindrance: hindranceOf(group, annotations),
    incomplete: incompleteOf(group),
  };
}

interface Surroundings {
  readonly existing: ReadonlyMap<string, ServiceAccountView>;
  /** What runs as a service account today, by its key. */
  readonly runners: ReadonlyMap<string, readonly Unit[]>;
}

function planOf(members: readonly [Draft, ...Draft[]], { existing, runners }: Surroundings): AccountPlan {
  const [{ account: name, unit }] = members;
  const { namespace } = unit;
  const key = accountKey(namespace, name);
  const object = existing.get(key);
  const units = new Set(members.map((member) => member.unit));
  const isOwn = unit.template.serviceAccount === DEFAULT_ACCOUNT || object?.annotations[MADE_FOR] === madeFor(unit);
  return finished({
    ...{ namespace, name, isOwn, drafts: members, uses: unionOf(members), existing: object },
    pattern: isOwn ? existing.get(accountKey(namespace, DEFAULT_ACCOUNT)) : undefined,
    others: (runners.get(key) ?? []).filter((other) => !units.has(other)),
  });
}

const byPlace = (a: AccountPlan, b: AccountPlan): number =>
  compareText(a.namespace, b.namespace) || compareText(a.name, b.name);

/** One plan for each service account that a draft with identities is to run as, sorted. */
export function accountPlans(
  drafts: readonly Draft[],
  all: readonly Unit[],
  existing: ReadonlyMap<string, ServiceAccountView>,
): AccountPlan[] {
  const runners = Map.groupBy(all, ({ namespace, template }) => accountKey(namespace, template.serviceAccount));
  const groups = Map.groupBy(
    drafts.filter(({ uses }) => uses.length > 0),
    ({ unit, account }) => accountKey(unit.namespace, account || kindAndName(unit)),
  );
  return [...groups.values()]
    .flatMap(([first, ...rest]) => (first === undefined ? [] : [planOf([first, ...rest], { existing, runners })]))
    .sort(byPlace);
}
