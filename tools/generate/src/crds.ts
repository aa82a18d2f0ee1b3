import { type KindName, GROUP, KINDS, customResourceDefinition } from '@aad-pod-identity/crd-types';
import { stringify } from 'yaml';

const HEADER = '# Generated from libs/crd-types/src/schema by `npm run generate`; not to be edited by hand.\n';

/** The chart's CRDs: path from the workspace root -> content. */
export function crdFiles(): ReadonlyMap<string, string> {
  const kinds = Object.keys(KINDS) as KindName[];
  return new Map(
    kinds.map((kind) => [
      `charts/aad-pod-identity/crds/${GROUP}_${KINDS[kind].plural}.yaml`,
      HEADER + stringify(customResourceDefinition(kind), { aliasDuplicateObjects: false, lineWidth: 0 }),
    ]),
  );
}
