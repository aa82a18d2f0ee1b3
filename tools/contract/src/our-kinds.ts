import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Api } from './api.ts';
import { CRDS } from './objects.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CRD_FOLDER = join(ROOT, 'charts/aad-pod-identity/crds');
export const GROUP = 'aadpodidentity.k8s.io';
export const IDENTITIES = `/apis/${GROUP}/v1/@/azureidentities`;
export const BINDINGS = `/apis/${GROUP}/v1/@/azureidentitybindings`;
export const ASSIGNED = `/apis/${GROUP}/v1/@/azureassignedidentities`;
export const EXCEPTIONS = `/apis/${GROUP}/v1/@/azurepodidentityexceptions`;

const readYaml = (path: string): unknown => parse(readFileSync(path, 'utf8'));
export const example = (name: string): unknown => readYaml(join(ROOT, 'examples', name));
export const crds = () => readdirSync(CRD_FOLDER).map((name) => readYaml(join(CRD_FOLDER, name)));

/** Installs our CRDs unless an earlier case has; all cases share them. */
export async function installed(api: Api): Promise<void> {
  for (const crd of crds()) {
    const reply = await api.call(`POST ${CRDS}`, crd);
    if (reply.status !== 201 && reply.status !== 409) throw new Error(JSON.stringify(reply.body));
  }
  for (const path of [IDENTITIES, BINDINGS, ASSIGNED, EXCEPTIONS]) {
    await api.until(`GET ${path}`, ({ status }) => status === 200);
  }
}

export const object = (kind: string, name: string, spec: unknown, rest: object = {}) => ({
  apiVersion: `${GROUP}/v1`,
  kind,
  metadata: { name },
  spec,
  ...rest,
});
/** As Azure writes the id of an identity. */
export const IDENTITY_ID =
  '/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i';
