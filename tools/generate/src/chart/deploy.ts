import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { renderText } from './render.ts';

/** What a release fills with its registry. */
export const PLACEHOLDER = 'IMAGE_REPOSITORY';

const HEADER = '# Made from charts/aad-pod-identity by `npm run generate-deploy`; not to be edited by hand.\n';
const BASE = { image: { repository: PLACEHOLDER }, plainNames: true, installMICException: false };
/** The Secret of these is made by hand, so that nothing but its keys is known here. */
const SECRET = Object.fromEntries(
  ['cloud', 'subscriptionID', 'resourceGroup', 'vmType', 'tenantID', 'clientID', 'clientSecret'].map((field) => [
    field,
    `<${field}>`,
  ]),
);

/** Manifest below deploy/infra -> the values it is rendered with, and whether it holds the CRDs. */
const MANIFESTS: Readonly<Record<string, { readonly values: object; readonly crds?: boolean }>> = {
  'deployment-rbac.yaml': { values: BASE, crds: true },
  'deployment.yaml': { values: { ...BASE, rbac: { enabled: false } }, crds: true },
  'managed-mode-deployment.yaml': { values: { ...BASE, operationMode: 'managed' }, crds: true },
  'noazurejson/deployment-rbac.yaml': { values: { ...BASE, adminsecret: SECRET }, crds: true },
  'noazurejson/deployment.yaml': { values: { ...BASE, adminsecret: SECRET, rbac: { enabled: false } }, crds: true },
};

/** Comments that tell of templates say nothing here. */
const withoutSources = (text: string): string => text.replaceAll(/^# Source: .*\n/gm, '');

function crdsOf(chart: string): string {
  const folder = join(chart, 'crds');
  const files = readdirSync(folder).sort();
  return files.map((name) => `---\n${readFileSync(join(folder, name), 'utf8').replace(/^#.*\n/, '')}`).join('');
}

const aad = (kind: string, name: string, spec: object) => ({
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name }, spec },
});
const GROUP = '/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP';
const labels = { app: 'demo', aadpodidbinding: 'demo' };
const demoContainer = (version: string) => ({
  ...{ name: 'demo', image: `${PLACEHOLDER}/identity-validator:${version}`, args: ['--port=8080'] },
  ports: [{ containerPort: 8080 }],
});

/** Something to try it with: an identity, its binding, and a page that shows whether there is a token. */
const demo = (version: string): Readonly<Record<string, object>> => ({
  'aadpodidentity.yaml': aad('AzureIdentity', 'demo', {
    type: 0,
    resourceID: `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/IDENTITY`,
    clientID: 'CLIENT_ID',
  }),
  'aadpodidentitybinding.yaml': aad('AzureIdentityBinding', 'demo', { azureIdentity: 'demo', selector: 'demo' }),
  'deployment.yaml': {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'demo', labels: { app: 'demo' } } },
    spec: {
      selector: { matchLabels: { app: 'demo' } },
      template: { metadata: { labels }, spec: { containers: [demoContainer(version)] } },
    },
  },
});

/** The version of the programs that the chart is for. */
const versionOf = (chart: string): string =>
  /^appVersion: (\S+)$/m.exec(readFileSync(join(chart, 'Chart.yaml'), 'utf8'))?.[1] ?? '';

/** The plain manifests: path from the workspace root -> content. */
export async function deployFiles(root: string, helm: string): Promise<ReadonlyMap<string, string>> {
  const chart = join(root, 'charts/aad-pod-identity');
  const files = new Map<string, string>();
  for (const [name, { values, crds = false }] of Object.entries(MANIFESTS)) {
    const text = withoutSources(await renderText({ helm, chart, values }));
    files.set(`deploy/infra/${name}`, HEADER + (crds ? crdsOf(chart) : '') + text);
  }
  for (const [name, object] of Object.entries(demo(versionOf(chart))))
    files.set(`deploy/demo/${name}`, HEADER + stringify(object, { lineWidth: 0 }));
  const exception = { ...BASE, installMICException: true };
  const show = ['--show-only=templates/identities/exceptions.yaml'];
  files.set(
    'deploy/infra/mic-exception.yaml',
    HEADER + withoutSources(await renderText({ helm, chart, values: exception, args: show })),
  );
  return files;
}
