import { isRecord, type JsonRecord, listAt, recordAt, sameJson, stringAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import type { Prepared } from '../schema/custom-resource.ts';
import { type FieldProblem, invalidValue, required } from '../status-errors.ts';

/** A CRD with the names and options its author may leave out. */
export function defaultCrd(crd: KubeObject): KubeObject {
  const spec = recordAt(crd, 'spec');
  const names = recordAt(spec, 'names');
  const kind = stringAt(names, 'kind');
  return {
    ...crd,
    spec: {
      ...spec,
      conversion: spec.conversion ?? { strategy: 'None' },
      names: {
        ...names,
        listKind: stringAt(names, 'listKind') || `${kind}List`,
        singular: stringAt(names, 'singular') || kind.toLowerCase(),
      },
    },
  };
}

function schemaProblems(node: unknown, path: string): FieldProblem[] {
  if (!isRecord(node)) return [];
  const free = node['x-kubernetes-int-or-string'] === true || node['x-kubernetes-preserve-unknown-fields'] === true;
  const untyped = stringAt(node, 'type') === '' && !free;
  const properties = Object.entries(recordAt(node, 'properties'));
  return [
    ...(untyped ? [required(`${path}.type`, 'must not be empty for specified object fields')] : []),
    ...properties.flatMap(([field, inner]) => schemaProblems(inner, `${path}.properties[${field}]`)),
    ...schemaProblems(node.items, `${path}.items`),
    ...schemaProblems(node.additionalProperties, `${path}.additionalProperties`),
  ];
}

const schemaOf = (version: JsonRecord): unknown => recordAt(version, 'schema').openAPIV3Schema;

function rootProblems(schema: unknown, path: string): FieldProblem[] {
  const type = stringAt(schema, 'type');
  const problems = schemaProblems(schema, path);
  return type === 'object' ? problems : [invalidValue(`${path}.type`, type, 'must be object at the root'), ...problems];
}

/** A schema that all versions share is looked at once, under the name it had before there were versions. */
function versionsProblems(versions: readonly JsonRecord[]): FieldProblem[] {
  const at = (index: number): string => `spec.versions[${index}].schema.openAPIV3Schema`;
  const missing = versions.findIndex((version) => schemaOf(version) === undefined);
  if (missing >= 0) return [required(at(missing))];
  const [first, ...others] = versions.map(schemaOf);
  if (others.every((schema) => sameJson(schema, first))) return rootProblems(first, 'spec.validation.openAPIV3Schema');
  return versions.flatMap((version, index) => rootProblems(schemaOf(version), at(index)));
}

function crdProblems(crd: KubeObject): FieldProblem[] {
  const spec = recordAt(crd, 'spec');
  const wanted = `${stringAt(spec, 'names', 'plural')}.${stringAt(spec, 'group')}`;
  const versions = listAt(spec, 'versions').filter(isRecord);
  const stored = versions.filter((version) => version.storage === true).length;
  const text = 'must have exactly one version marked as storage version';
  return [
    ...(crd.metadata.name === wanted
      ? []
      : [invalidValue('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...(stringAt(spec, 'group') === '' ? [required('spec.group')] : []),
    ...(stringAt(spec, 'scope') === '' ? [required('spec.scope')] : []),
    ...(stringAt(spec, 'names', 'kind') === '' ? [required('spec.names.kind')] : []),
    ...(stored === 1
      ? []
      : [
          invalidValue(
            'spec.versions',
            versions.map((v) => v.name),
            text,
          ),
        ]),
    ...versionsProblems(versions),
  ];
}

const storedVersions = (crd: KubeObject): unknown[] =>
  listAt(crd, 'spec', 'versions').flatMap((version) =>
    isRecord(version) && version.storage === true ? [version.name] : [],
  );

/** A CRD as it is first stored: not yet accepted. */
export function prepareNewCrd(sent: KubeObject): Prepared {
  const crd = defaultCrd(sent);
  const status = {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: storedVersions(crd),
  };
  return { object: { ...crd, status }, problems: crdProblems(crd) };
}

export function prepareChangedCrd(before: KubeObject, sent: KubeObject): Prepared {
  const crd = defaultCrd(sent);
  return { object: { ...crd, status: before.status }, problems: crdProblems(crd) };
}
