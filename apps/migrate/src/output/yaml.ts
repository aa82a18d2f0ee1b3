import { stringify } from 'yaml';
import type { Plan } from '../plan/plan.ts';
import { accountObject, workloadPatch } from './objects.ts';
import { comment } from './one-line.ts';

export const FIELD_MANAGER = 'aad-pod-identity-migrate';

const HEAD = [
  'The federated credentials come first: --output=commands. Then, with this in a file:',
  `kubectl apply --server-side --force-conflicts --field-manager=${FIELD_MANAGER} -f FILE`,
  'Service accounts are whole. Each other document is a strategic merge patch, for kubectl patch --patch-file as well:',
  'it sets what stands here and nothing else. The label aadpodidbinding stays until all is seen to work.',
];

/** kubectl reads YAML 1.1, where `on`, `1:20` and more are no texts unless they are quoted. */
const document = (object: object): string =>
  `---\n${stringify(object, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 })}`;

/** Why a workload is left out, where that is not because all is done. */
function leftOut({ accounts, workloads }: Plan): string[] {
  const ofAccounts = accounts.flatMap(({ namespace, name, hindrance, incomplete }) => {
    const why = hindrance ?? incomplete;
    return why === undefined
      ? []
      : [`Left out: service account ${namespace}/${name || '?'} and what runs as it: ${why}`];
  });
  const ofWorkloads = workloads.flatMap((workload) => {
    const { unit, accountPlan, standing, uses } = workload;
    const why = uses.length === 0 ? 'no binding gives it an identity' : 'no template of it can be patched';
    const isTold = accountPlan !== undefined && (accountPlan.hindrance ?? accountPlan.incomplete) !== undefined;
    if (isTold || standing !== 'toMigrate' || workloadPatch(workload) !== undefined) return [];
    return [`Left out: ${unit.kind} ${unit.namespace}/${unit.name}: ${why}`];
  });
  return [...ofAccounts, ...ofWorkloads];
}

/** Service accounts first, so that no pod starts before its own is annotated. */
export function yamlOf(plan: Plan): string {
  const objects = [...plan.accounts.map(accountObject), ...plan.workloads.map(workloadPatch)];
  const documents = objects.filter((object) => object !== undefined).map(document);
  const nothing = documents.length === 0 ? ['There is nothing to apply.'] : [];
  return [...[...HEAD, ...leftOut(plan), ...nothing].map(comment), ...documents].join('');
}
