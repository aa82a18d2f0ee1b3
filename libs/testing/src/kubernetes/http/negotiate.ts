import { notAcceptable } from '../status-errors.ts';

/** In which form objects are asked for. */
export type Form = 'full' | 'table' | 'metadata';

const FORMS: Readonly<Record<string, Form>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata',
};

/** The first form of an Accept header that this server has; full objects when none asks for another. */
export function acceptedForm(accept: string | undefined): Form {
  for (const clause of (accept ?? '').split(',')) {
    const [media = '', ...parameters] = clause.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*'].includes(media)) continue;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    if (as === undefined) return 'full';
    const form = FORMS[as];
    if (form !== undefined && parameters.includes('g=meta.k8s.io')) return form;
  }
  return 'full';
}

const FORMATS = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const AVAILABLE = [...FORMATS, ...[FORMATS[0], FORMATS[2]].map((format) => `${format ?? ''};stream=watch`)];

/** @throws ApiError 406 when an Accept header names no form that the API has */
export function assertAcceptable(accept: string | undefined): void {
  const media = (accept ?? '').split(',').map((clause) => clause.split(';')[0]?.trim() ?? '');
  if (media.every((name) => name !== '' && !FORMATS.includes(name) && !/^(\*|application)\/\*$/.test(name))) {
    throw notAcceptable(AVAILABLE);
  }
}
