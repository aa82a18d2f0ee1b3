/** What an API server's audit log says that service accounts did, beside what their rules let them do. */
import type { Rendered } from '@aad-pod-identity/generate/chart';

/** One thing that a rule allows: a verb on a kind, of one object where the rule names it. */
export interface Permission {
  readonly account: string;
  /** Of a Role; undefined for a ClusterRole. */
  readonly namespace: string | undefined;
  readonly verb: string;
  /** `resource.group`, with the subresource. */
  readonly resource: string;
  readonly objectName: string | undefined;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface Binding extends Rendered {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly name: string }[];
}

export interface AuditEvent {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly requestURI: string;
  readonly responseStatus?: { readonly code?: number };
}

const qualified = (resource: string, group: string): string => (group === '' ? resource : `${resource}.${group}`);

function permissionsOf(role: Rendered, account: string): Permission[] {
  const { namespace } = role.kind === 'Role' ? role.metadata : { namespace: undefined };
  return (role as unknown as { rules: Rule[] }).rules.flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          (resourceNames ?? [undefined]).map((objectName) => ({
            ...{ account, namespace, verb, objectName, resource: qualified(resource, group) },
          })),
        ),
      ),
    ),
  );
}

/** All that the rules of a chart allow, to whom. */
export function permissions(objects: readonly Rendered[]): Permission[] {
  const bindings = objects.filter(({ kind }) => kind.endsWith('RoleBinding')) as Binding[];
  return bindings.flatMap(({ roleRef, subjects: [subject], metadata }) => {
    const isIt = ({ kind, metadata: { name, namespace } }: Rendered): boolean =>
      kind === roleRef.kind && name === roleRef.name && (kind === 'ClusterRole' || namespace === metadata.namespace);
    const role = objects.find(isIt);
    if (role === undefined || subject === undefined) throw new Error(`${metadata.name} binds nothing`);
    return permissionsOf(role, subject.name);
  });
}

/** As one reads it: `aad-pod-identity-mic: patch nodes`. */
export function permissionText({ account, namespace, verb, resource, objectName }: Permission): string {
  const which = objectName === undefined ? '' : ` ${objectName}`;
  return `${account}: ${verb} ${resource}${which}${namespace === undefined ? '' : ` in ${namespace}`}`;
}

export function isUse(event: AuditEvent, permission: Permission): boolean {
  const { resource = '', subresource, apiGroup = '', namespace, name } = event.objectRef ?? {};
  const full = qualified(subresource === undefined ? resource : `${resource}/${subresource}`, apiGroup);
  return (
    event.user.username.endsWith(`:${permission.account}`) &&
    event.verb === permission.verb &&
    full === permission.resource &&
    (permission.namespace === undefined || namespace === permission.namespace) &&
    (permission.objectName === undefined || name === permission.objectName)
  );
}

/** The events of an audit log, of those who are service accounts of `namespace`. */
export function auditEvents(log: string, namespace: string): AuditEvent[] {
  return log
    .split('\n')
    .filter((line) => line.includes(`system:serviceaccount:${namespace}:`))
    .map((line) => JSON.parse(line) as AuditEvent);
}
