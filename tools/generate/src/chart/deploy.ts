import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderText } from './render.ts';

/** What a release fills with its registry. */
export const PLACEHOLDER = 'IMAGE_REPOSITORY';

const HEADER = '# Rendered from charts/aad-pod-identity by `npm run generate-deploy`; not to be edited by hand.\n';
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

/** The plain manifests: path from the workspace root -> content. */
export async function deployFiles(root: string, helm: string): Promise<ReadonlyMap<string, string>> {
  const chart = join(root, 'charts/aad-pod-identity');
  const files = new Map<string, string>();
  for (const [name, { values, crds = false }] of Object.entries(MANIFESTS)) {
    const text = withoutSources(await renderText({ helm, chart, values }));
    files.set(`deploy/infra/${name}`, HEADER + (crds ? crdsOf(chart) : '') + text);
  }
  const exception = { ...BASE, installMICException: true };
  const show = ['--show-only=templates/identities/exceptions.yaml'];
  files.set(
    'deploy/infra/mic-exception.yaml',
    HEADER + withoutSources(await renderText({ helm, chart, values: exception, args: show })),
  );
  return files;
}
