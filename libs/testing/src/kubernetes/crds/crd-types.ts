import { isRecord, type JsonRecord, listAt, recordAt, stringAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import { collectionOf, CUSTOM_VERBS, type PrinterColumn, type ResourceType } from '../resource-types.ts';

const strings = (values: readonly unknown[]): string[] => values.filter((value) => typeof value === 'string');

function columnsOf(version: JsonRecord): PrinterColumn[] {
  return listAt(version, 'additionalPrinterColumns').map((column) => ({
    name: stringAt(column, 'name'),
    type: stringAt(column, 'type'),
    format: stringAt(column, 'format'),
    description: stringAt(column, 'description'),
    priority: isRecord(column) && typeof column.priority === 'number' ? column.priority : 0,
    path: stringAt(column, 'jsonPath'),
  }));
}

function typeOf(crd: KubeObject, version: JsonRecord): ResourceType {
  const names = recordAt(crd, 'spec', 'names');
  const group = stringAt(crd, 'spec', 'group');
  const plural = stringAt(names, 'plural');
  const kind = stringAt(names, 'kind');
  const schema = recordAt(version, 'schema').openAPIV3Schema;
  return {
    group,
    version: stringAt(version, 'name'),
    plural,
    singular: stringAt(names, 'singular') || kind.toLowerCase(),
    kind,
    listKind: stringAt(names, 'listKind') || `${kind}List`,
    namespaced: stringAt(crd, 'spec', 'scope') === 'Namespaced',
    shortNames: strings(listAt(names, 'shortNames')),
    categories: strings(listAt(names, 'categories')),
    verbs: CUSTOM_VERBS,
    subresources: Object.keys(recordAt(version, 'subresources')),
    collection: collectionOf(group, plural),
    custom: true,
    ...(isRecord(schema) ? { schema } : {}),
    columns: columnsOf(version),
    selectableFields: listAt(version, 'selectableFields').map((field) => stringAt(field, 'jsonPath').slice(1)),
  };
}

/** The resource types a CRD brings: one for each served version. */
export function typesOfCrd(crd: KubeObject): ResourceType[] {
  return listAt(crd, 'spec', 'versions')
    .filter(isRecord)
    .filter((version) => version.served === true)
    .map((version) => typeOf(crd, version));
}
