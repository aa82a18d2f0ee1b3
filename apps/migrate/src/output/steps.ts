import { POD_LABEL } from '@aad-pod-identity/crd-types';
import { templatePath } from '../plan/about-workload.ts';
import { CLIENT_ID } from '../plan/account-plans.ts';
import { subjectOf } from '../plan/credentials.ts';
import type { WorkloadPlan } from '../plan/plan.ts';
import { targetOf } from '../plan/target.ts';
import { USE_LABEL } from '../plan/units.ts';
import { nameOf } from '../plan/uses.ts';
import { accountObject, withoutLabel, workloadPatch } from './objects.ts';
import { oneLine } from './one-line.ts';
import { shellQuote } from './shell-quote.ts';

/** The last step, which is no part of what is applied at once. */
function labelStep({ unit, label }: WorkloadPlan): string {
  const path = templatePath(unit);
  if (path === undefined) return `take ${POD_LABEL}=${label} away where its pods are described`;
  const patch = JSON.stringify(withoutLabel(path, POD_LABEL));
  const what = `${unit.kind.toLowerCase()}/${unit.name}`;
  const words = ['kubectl', 'patch', what, '--namespace', unit.namespace, '--type=strategic', '--patch', patch];
  return words.map((word) => (word === '--type=strategic' ? word : shellQuote(oneLine(word)))).join(' ');
}

function credentialStep({ unit, account, uses }: WorkloadPlan): string[] {
  const names = uses.filter(({ identity }) => 'key' in targetOf(identity)).map(({ identity }) => nameOf(identity));
  if (names.length === 0) return [];
  return [`federated credential of ${names.join(' and of ')} for ${subjectOf({ namespace: unit.namespace, account })}`];
}

function accountStep({ unit, account, accountPlan }: WorkloadPlan): string[] {
  if (accountPlan === undefined || accountObject(accountPlan) === undefined) return [];
  const doing = accountPlan.existing === undefined ? 'make' : 'annotate';
  return [`${doing} service account ${unit.namespace}/${account}, with ${CLIENT_ID}`];
}

function templateStep(workload: WorkloadPlan): string[] {
  const { unit, account, standing } = workload;
  const changes = [
    ...(standing === 'inTransition' ? [] : [`label ${USE_LABEL}: "true"`]),
    ...(unit.template.serviceAccount === account ? [] : [`serviceAccountName: ${account}`]),
  ];
  if (changes.length === 0) return [];
  const where = workloadPatch(workload) === undefined ? 'where its pods are described' : 'on its template';
  return [`${changes.join(' and ')} ${where}`];
}

/** What is left to do for a workload, in order; nothing where an operator must decide something first. */
export function stepsOf(workload: WorkloadPlan): string[] {
  const { accountPlan, uses } = workload;
  if (uses.length === 0 || accountPlan?.hindrance !== undefined) return [];
  if (accountPlan?.incomplete !== undefined) return credentialStep(workload);
  return [
    ...credentialStep(workload),
    ...accountStep(workload),
    ...templateStep(workload),
    `see that its new pods have AZURE_FEDERATED_TOKEN_FILE, and that its code gets its tokens`,
    labelStep(workload),
  ];
}
