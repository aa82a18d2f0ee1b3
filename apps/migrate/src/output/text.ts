import { POD_LABEL } from '@aad-pod-identity/crd-types';
import { kindAndName } from '../plan/account-plans.ts';
import type { Issuer } from '../plan/issuer.ts';
import type { Plan, WorkloadPlan } from '../plan/plan.ts';
import type { Unit } from '../plan/units.ts';
import { nameOf } from '../plan/uses.ts';
import { oneLine } from './one-line.ts';
import { stepsOf } from './steps.ts';

const ORDER = [
  'From AAD Pod Identity to Azure Workload Identity, with no moment without a token.',
  '',
  'Before: the OIDC issuer of the cluster is on, and the webhook of Azure Workload Identity is installed.',
  'For each workload, in this order:',
  '  1. its federated credentials (--output=commands); Azure may take minutes to honour a new one',
  '  2. its service account, annotated (--output=yaml)',
  '  3. the label of workload identity on its template (the same file), which replaces its pods. From then on',
  '     DefaultAzureCredential takes AZURE_FEDERATED_TOKEN_FILE, which takes precedence over the metadata address.',
  '     Code that asks for managed identities alone, or is too old to know that file, goes on asking the metadata',
  '     address, and NMI goes on serving it for as long as the pods have the old label: change that code now',
  `  4. see that it works; only then the label ${POD_LABEL} goes`,
  'NMI, MIC and the identities stay until the last workload is through. Where manifests are kept elsewhere (Git, Helm),',
  'change them too: the next release would take all of this back.',
];

const indent = (depth: number, lines: readonly string[]): string[] =>
  lines.map((line) => (line === '' ? '' : ' '.repeat(depth) + oneLine(line)));

const podCount = (count: number): string => (count === 1 ? '1 pod' : `${count} pods`);

const STANDINGS: Readonly<Record<WorkloadPlan['standing'], string>> = {
  toMigrate: 'to be migrated',
  inTransition: 'in transition, has both labels',
  migrated: 'migrated',
  unconcerned: '',
};

function usesLines({ uses }: WorkloadPlan): string[] {
  return uses.map(({ identity, binding }, index) => {
    const which = index === 0 ? 'uses' : 'and ';
    return `${which} ${nameOf(identity)} (type ${identity.spec.type}), by binding ${nameOf(binding)}`;
  });
}

function workloadLines(workload: WorkloadPlan): string[] {
  const { unit, label, standing, attention } = workload;
  const steps = stepsOf(workload).map((step, index) => `${index + 1}. ${step}`);
  return [
    ...indent(2, [
      `${kindAndName(unit)}, ${podCount(unit.pods.length)}, ${POD_LABEL}=${label}: ${STANDINGS[standing]}`,
    ]),
    ...indent(4, usesLines(workload)),
    ...indent(4, [`runs as service account ${unit.template.serviceAccount}`]),
    ...indent(4, steps),
    ...indent(
      4,
      attention.map((sentence) => `! ${sentence}`),
    ),
  ];
}

function namespaceLines({ workloads }: Plan): string[] {
  const groups = Map.groupBy(workloads, ({ unit }) => unit.namespace);
  return [...groups].flatMap(([namespace, group]) => [
    '',
    `Namespace ${oneLine(namespace)}`,
    ...group.flatMap(workloadLines),
  ]);
}

const titled = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...indent(2, lines)];

const placed = (unit: Unit): string => `${unit.namespace}: ${kindAndName(unit)}, ${podCount(unit.pods.length)}`;

/** What concerns the whole, the issuer first. */
function notesOf({ notes }: Plan, issuer: Issuer): string[] {
  const ofIssuer = issuer.url === undefined ? issuer.problem : issuer.remark;
  return [...(ofIssuer === undefined ? [] : [ofIssuer]), ...notes].map((note) => `! ${note}`);
}

function countLine(plan: Plan, issuer: Issuer): string {
  const { workloads, migrated, credentials } = plan;
  const of = (standing: WorkloadPlan['standing']): number =>
    workloads.filter((workload) => workload.standing === standing).length;
  const pods = workloads.reduce((sum, { unit }) => sum + unit.pods.length, 0);
  const identities = new Set(credentials.map(({ target }) => `${target.kind} ${target.key}`)).size;
  const attention = workloads.reduce((sum, each) => sum + each.attention.length, notesOf(plan, issuer).length);
  return [
    `Workloads: ${of('toMigrate')} to be migrated, ${of('inTransition')} in transition (${podCount(pods)} with the old label), ${migrated.length} migrated.`,
    `Federated credentials: ${credentials.length} on ${identities} identities. Points that need attention: ${attention}.`,
  ].join('\n');
}

/** The plan for a person. */
export function textOf(plan: Plan, issuer: Issuer): string {
  return [
    ...ORDER,
    ...namespaceLines(plan),
    ...titled('Migrated already', plan.migrated.map(placed)),
    ...titled('For the whole cluster', notesOf(plan, issuer)),
    '',
    countLine(plan, issuer),
    '',
  ].join('\n');
}
