import type { ServiceAccountView, World } from '../world/views.ts';
import { aboutAccount } from './about-account.ts';
import { aboutIdentities } from './about-identities.ts';
import { aboutWorkload, type Sentences } from './about-workload.ts';
import { type AccountPlan, accountPlans, type Draft } from './account-plans.ts';
import { accountKey, accountNames } from './accounts.ts';
import { beyondLimit, type Credential, credentialsOf } from './credentials.ts';
import { labelOf, standingOf, type Unit, unitsOf } from './units.ts';
import { usesOf } from './uses.ts';

export interface WorkloadPlan extends Draft {
  /** Undefined where no identity is used. */
  readonly accountPlan: AccountPlan | undefined;
  readonly attention: Sentences;
}

export interface Plan {
  /** What has the label `aadpodidbinding`, sorted by namespace, kind and name. */
  readonly workloads: readonly WorkloadPlan[];
  /** What uses workload identity and has the label no more. */
  readonly migrated: readonly Unit[];
  readonly accounts: readonly AccountPlan[];
  readonly credentials: readonly Credential[];
  /** What concerns no single workload. */
  readonly notes: Sentences;
}

export interface Settings {
  readonly forceNamespaced: boolean;
  /** Empty: all. */
  readonly namespace: string;
}

function unreadable({ identities, bindings, exceptions }: World): Sentences {
  const of = (kind: string, objects: World['identities' | 'bindings' | 'exceptions']): string[] =>
    objects.flatMap((each) =>
      'problem' in each ? [`${kind} ${each.namespace}/${each.name} cannot be read: ${each.problem}`] : [],
    );
  return [
    ...of('AzureIdentity', identities),
    ...of('AzureIdentityBinding', bindings),
    ...of('AzurePodIdentityException', exceptions),
  ];
}

function draftsOf(units: readonly Unit[], world: World, settings: Settings, existing: Existing): Draft[] {
  const concerned = units.filter((unit) => labelOf(unit) !== '');
  const names = accountNames(concerned, units, existing);
  return concerned.map((unit) => {
    const { namespace, template } = unit;
    const label = labelOf(unit);
    const caller = { namespace, label, serviceAccount: template.serviceAccount };
    const rules = { ...world, forceNamespaced: settings.forceNamespaced };
    return { unit, standing: standingOf(unit), label, account: names.get(unit) ?? '', ...usesOf(caller, rules) };
  });
}

type Existing = ReadonlyMap<string, ServiceAccountView>;

function existingAccounts({ serviceAccounts }: World): Existing {
  return new Map(serviceAccounts.map((account) => [accountKey(account.namespace, account.name), account]));
}

/** Leaves what concerns one namespace; what Azure allows was counted over all of them. */
function within(plan: Plan, namespace: string): Plan {
  if (namespace === '') return plan;
  const isThere = (of: { readonly namespace: string }): boolean => of.namespace === namespace;
  return {
    ...plan,
    workloads: plan.workloads.filter(({ unit }) => isThere(unit)),
    migrated: plan.migrated.filter(isThere),
    accounts: plan.accounts.filter(isThere),
    credentials: plan.credentials.filter(isThere),
  };
}

/** The whole decision: what is to be done to move every workload, and what an operator must know before. */
export function planMigration(world: World, settings: Settings): Plan {
  const units = unitsOf(world);
  const existing = existingAccounts(world);
  const drafts = draftsOf(units, world, settings, existing);
  const accounts = accountPlans(drafts, units, existing);
  const credentials = credentialsOf(accounts);
  const about = aboutWorkload(world);
  const accountOf = new Map(accounts.flatMap((account) => account.drafts.map((draft) => [draft, account] as const)));
  const workloads = drafts.map((draft): WorkloadPlan => {
    const accountPlan = accountOf.get(draft);
    const attention = [...about(draft), ...aboutIdentities(draft), ...aboutAccount(draft, accountPlan)];
    return { ...draft, accountPlan, attention };
  });
  const migrated = units.filter((unit) => standingOf(unit) === 'migrated');
  const notes = [...unreadable(world), ...beyondLimit(credentials)];
  return within({ workloads, migrated, accounts, credentials, notes }, settings.namespace);
}
