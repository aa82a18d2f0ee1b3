import { quote } from './read/result.ts';

export const RESOURCE_ID_FORM =
  '/subscriptions/<subscription>/resourceGroups/<group>/providers/Microsoft.ManagedIdentity/userAssignedIdentities/<name>';

/** What the CRD enforces: as lax as 1.8.17, which accepted text before and after. RE2 and ECMAScript alike. */
export const RESOURCE_ID_PATTERN =
  '(?i:/subscriptions/.+/resourcegroups/.+/providers/microsoft[.]managedidentity/userassignedidentities/.+)';

/** Far longer than any id that Azure accepts; bounds the work of the pattern. */
export const MAX_RESOURCE_ID_LENGTH = 2048;

/** The parts of the id of a user-assigned identity, as written. */
export interface IdentityResourceId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** Fixed segments are lower case; null stands for a segment that the id fills in. */
const SEGMENTS: readonly (string | null)[] = [
  '',
  'subscriptions',
  null,
  'resourcegroups',
  null,
  'providers',
  'microsoft.managedidentity',
  'userassignedidentities',
  null,
];

function fits(segment: string, wanted: string | null | undefined): boolean {
  return wanted === null ? /^[^\s?#]+$/.test(segment) : segment.toLowerCase() === wanted;
}

/** The parts of `id`, whose fixed segments may be in any case; undefined if it has another form. */
export function parseResourceId(id: string): IdentityResourceId | undefined {
  const segments = id.split('/');
  if (segments.length !== SEGMENTS.length) return undefined;
  if (!segments.every((segment, index) => fits(segment, SEGMENTS[index]))) return undefined;
  const [, , subscriptionId = '', , resourceGroup = '', , , , name = ''] = segments;
  return { subscriptionId, resourceGroup, name };
}

export function isUserAssignedIdentityId(id: string): boolean {
  return parseResourceId(id) !== undefined;
}

/** Azure compares resource ids without regard to case, and answers in another case than it was asked in. */
export function sameResourceId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** What is wrong with `id`, naming the first segment that does not fit; undefined if nothing is. */
export function resourceIdProblem(id: string): string | undefined {
  if (id === '') return 'nothing';
  const segments = id.split('/');
  const at = SEGMENTS.findIndex(
    (wanted, index) => !fits(segments[index] ?? '', wanted) || segments[index] === undefined,
  );
  if (at === 0) return `a text that does not begin with "/"`;
  if (at > 0) return segments[at] === undefined ? `only ${at - 1} parts` : `${quote(segments[at])} as part ${at}`;
  return segments.length > SEGMENTS.length ? `${segments.length - 1} parts` : undefined;
}
