import { ARGUMENTS, type Container } from './arguments.ts';

const HEAD = `# Configuration

Generated from \`tools/generate/src/chart/configuration.ts\` by \`npm run generate\`; not to be edited by hand.

| you want to know | look here |
| --- | --- |
| every value of the chart, its default and meaning | [the chart's README](../charts/aad-pod-identity/README.md) |
| every flag of a program, its default, the environment variable that also sets it | [mic](flags/mic.md), [nmi](flags/nmi.md), [identity-validator](flags/identity-validator.md), [aad-pod-identity-migrate](flags/aad-pod-identity-migrate.md), [sandbox](flags/sandbox.md) |
| which value sets which flag | [the tables below](#values-that-become-flags) |
| what each team sets for its own namespace | [per namespace](namespaces.md) |
| what is otherwise than in 1.8.17 | [compatibility](compatibility.md) |

A flag that makes no sense ends the program with exit code 2 and one line that names the flag, what was found, and what is allowed. A value that makes no sense fails the render in the same way: unknown values are refused by \`values.schema.json\`, and what a schema cannot say is checked by the templates.

## Which one wins

1. A value that is empty gives no argument, so the default of the program holds.
2. A flag wins over its environment variable. One exception, of 1.8.17: \`FORCENAMESPACED=true\` holds whatever the flag says.
3. What is said for a namespace can only tighten what holds for the cluster ([per namespace](namespaces.md)).

## Values that become flags

Each is passed on as it is; a list becomes words with commas between them.
`;

/** Flags that are made by a rule, beside the tables: the templates say how, and a test that each is named here. */
const BY_RULE: readonly (readonly [container: string, flag: string, from: string])[] = [
  ['MIC', 'cloudconfig', '`mic.cloudConfig`, unless `adminsecret` is set'],
  ['MIC', 'deployment', 'the release, with `rbac.enabled`'],
  [
    'MIC',
    'leader-election-namespace',
    '`mic.leaderElection.namespace`; empty: `default` where the lock of a 1.8.17 is found there, else the namespace of the release',
  ],
  ['NMI', 'node', 'the name of the node, from Kubernetes'],
  ['NMI', 'daemonset', 'the release'],
  ['NMI', 'namespace-settings', 'the release, with `rbac.enabled` or `namespaces`'],
  ['NMI', 'MICNamespace', '`nmi.micNamespace`; empty: the namespace of the release'],
  ['NMI', 'mic-service-accounts', 'the service account of MIC'],
  ['NMI', 'redirection', '`nmi.redirection`; `none` with `cilium.localRedirectPolicy`'],
  ['NMI', 'nmi-listen-address', '`nmi.listenAddress`; the address of the node with `cilium.localRedirectPolicy`'],
  ['NMI', 'forceNamespaced', '`operationMode: managed`'],
];

const TAIL = `## Values that become environment variables

| value | variable | of |
| --- | --- | --- |
| \`forceNamespaced\` | \`FORCENAMESPACED\` | MIC and NMI |
| \`adminsecret\` | \`CLOUD\`, \`SUBSCRIPTION_ID\`, \`RESOURCE_GROUP\`, \`VM_TYPE\`, \`TENANT_ID\`, \`CLIENT_ID\`, \`CLIENT_SECRET\`, \`USE_MSI\`, \`USER_ASSIGNED_MSI_CLIENT_ID\`, by a Secret | MIC |
| \`mic.customCloud\` | \`AZURE_ENVIRONMENT_FILEPATH\` | MIC |

All other values are about the objects of Kubernetes: images, resources, roles, monitors, policies, identities.

## What MIC signs in to Azure with

Without \`adminsecret\` MIC reads the node's \`/etc/kubernetes/azure.json\` (\`mic.cloudConfig\`) and is what that file names: the kubelet's managed identity, or the service principal of the cluster. A change of the file is in use within seconds. With \`adminsecret\` it is the principal that is named there, and MIC needs neither the file nor root. The roles that it needs: [getting started](getting-started.md#roles-for-mic).
`;

const lines = (head: string, rows: readonly string[]): string =>
  [
    `| ${head} |`,
    `| ${head
      .split('|')
      .map(() => '---')
      .join(' | ')} |`,
    ...rows,
  ].join('\n');

function table(container: Container): string {
  const rows = Object.entries(ARGUMENTS[container]).map(([flag, value]) => {
    const dashes = flag.length === 1 ? '-' : '--';
    return `| \`${value}\` | \`${dashes}${flag}\` |`;
  });
  return lines('value | flag', rows);
}

/** The page that leads from values to flags. */
export function configurationPage(): string {
  const byRule = BY_RULE.map(([container, flag, from]) => `| ${container} | \`--${flag}\` | ${from} |`);
  const sections = [
    `### MIC\n\n${table('mic')}`,
    `### NMI\n\n${table('nmi')}`,
    `### By a rule\n\n${lines('program | flag | from', byRule)}`,
  ];
  return `${HEAD}\n${sections.join('\n\n')}\n\n${TAIL}`;
}
