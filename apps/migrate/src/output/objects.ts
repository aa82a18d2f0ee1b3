import type { AccountPlan } from '../plan/account-plans.ts';
import { templatePath } from '../plan/about-workload.ts';
import type { WorkloadPlan } from '../plan/plan.ts';
import { USE_LABEL } from '../plan/units.ts';

type Fields = Readonly<Record<string, unknown>>;

/** kubectl's own notes about what it applied are not for applying. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** An own service account pulls images as the one that its pods ran as. */
function fieldsOf({ existing, pattern }: AccountPlan): Fields {
  if (existing !== undefined) return existing.fields;
  const { secrets: _secrets, ...fields } = pattern?.fields ?? {};
  return fields;
}

/**
 * The service account as it is to be, whole, so that even a plain `kubectl apply` takes nothing from it; undefined where
 * there is nothing to change or to propose.
 */
export function accountObject(account: AccountPlan): Fields | undefined {
  const { namespace, name, existing, annotations, hindrance, incomplete } = account;
  if (hindrance !== undefined || incomplete !== undefined) return undefined;
  if (Object.entries(annotations).every(([key, value]) => existing?.annotations[key] === value)) return undefined;
  const { [LAST_APPLIED]: _applied, ...kept } = existing?.annotations ?? {};
  const labels = existing?.labels ?? {};
  return {
    ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
    metadata: {
      ...{ name, namespace },
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      annotations: { ...kept, ...annotations },
    },
    ...fieldsOf(account),
  };
}

const nested = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);

/**
 * What a workload's template is to be given: the label, and a service account of its own. The latter also where it runs
 * as that already: what a manager applies no more, a server-side apply takes away.
 */
function templateChange({ unit, account, accountPlan }: WorkloadPlan): Fields {
  const isOther = accountPlan?.isOwn === true || unit.template.serviceAccount !== account;
  return {
    metadata: { labels: { [USE_LABEL]: 'true' } },
    ...(isOther ? { spec: { serviceAccountName: account } } : {}),
  };
}

/** The strategic merge patch of a workload; undefined where its kind has none, or there is nothing to do or to propose. */
export function workloadPatch(workload: WorkloadPlan): Fields | undefined {
  const { unit, accountPlan, standing, account } = workload;
  const path = templatePath(unit);
  if (path === undefined || accountPlan === undefined) return undefined;
  if (accountPlan.hindrance !== undefined || accountPlan.incomplete !== undefined) return undefined;
  if (standing === 'inTransition' && unit.template.serviceAccount === account) return undefined;
  const { apiVersion, kind, namespace, name } = unit;
  const change = nested(path, templateChange(workload)) as Fields;
  return { apiVersion, kind, metadata: { name, namespace }, ...change };
}

/** The patch that takes a label off a workload's template. */
export function withoutLabel(path: readonly string[], label: string): Fields {
  return nested(path, { metadata: { labels: { [label]: null } } }) as Fields;
}
