/** What a real API server's own authorizer says of the same requests once one permission is taken away. */
import type { Cluster } from '@aad-pod-identity/cluster';
import { type AuditEvent, isUse, type Permission } from './audit.ts';
import { apply, until } from './node-cluster.ts';

const API = 'rbac.authorization.k8s.io';

function ruleOf({ verb, resource, objectName }: Permission): object {
  const [name = '', ...group] = resource.split('.');
  const names = objectName === undefined ? {} : { resourceNames: [objectName] };
  return { apiGroups: [group.join('.')], resources: [name], verbs: [verb], ...names };
}

/** A role with these permissions, which are all of one namespace or of none, and its binding. */
function granted(user: string, namespace: string | undefined, permissions: readonly Permission[]): object[] {
  const prefix = namespace === undefined ? 'Cluster' : '';
  const metadata = { name: user, namespace };
  const roleRef = { apiGroup: API, kind: `${prefix}Role`, name: user };
  const subjects = [{ apiGroup: API, kind: 'User', name: user }];
  return [
    { apiVersion: `${API}/v1`, kind: `${prefix}Role`, metadata, rules: permissions.map(ruleOf) },
    { apiVersion: `${API}/v1`, kind: `${prefix}RoleBinding`, metadata, roleRef, subjects },
  ];
}

const grants = (user: string, permissions: readonly Permission[]): object[] =>
  [...new Set(permissions.map(({ namespace }) => namespace))].flatMap((namespace) =>
    granted(
      user,
      namespace,
      permissions.filter((each) => each.namespace === namespace),
    ),
  );

function review(user: string, { verb, objectRef = {} }: AuditEvent): object {
  const { resource, subresource, apiGroup: group, namespace, name } = objectRef;
  const resourceAttributes = { verb, group, resource, subresource, namespace, name };
  return { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { user, resourceAttributes } };
}

/** Whether each request is allowed. */
async function reviewed(cluster: Cluster, items: readonly object[]): Promise<boolean[]> {
  const command = [cluster.kubectlPath, '--kubeconfig', cluster.kubeconfig, 'create', '-f', '-'];
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const { stdout, stderr, code } = await cluster.exec([...command, '-o', 'jsonpath={.status.allowed}{"\\n"}'], list);
  if (code !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line === 'true');
}

/**
 * For each permission whether its account could still do what it did with it if it had all of its others.
 * @param used permissions that some event is a use of
 */
export async function allowedWithout(
  cluster: Cluster,
  all: readonly Permission[],
  used: readonly Permission[],
  events: readonly AuditEvent[],
): Promise<ReadonlyMap<Permission, boolean>> {
  const useOf = (permission: Permission): AuditEvent => {
    const found = events.find((event) => isUse(event, permission));
    if (found === undefined) throw new Error(`nothing used ${permission.verb} ${permission.resource}`);
    return found;
  };
  const users = used.map((permission, at) => {
    const others = all.filter((each) => each.account === permission.account && each !== permission);
    const control = used.find((each) => each.account === permission.account && each !== permission) ?? permission;
    return { name: `without-${at}`, permission, others, control };
  });
  await apply(
    cluster,
    users.flatMap(({ name, others }) => grants(name, others)),
  );
  // the authorizer has seen the roles once each user may do something else
  const controls = users.map(({ name, control }) => review(name, useOf(control)));
  await until(async () => (await reviewed(cluster, controls)).every(Boolean));
  const outcomes = await reviewed(
    cluster,
    users.map(({ name, permission }) => review(name, useOf(permission))),
  );
  return new Map(users.map(({ permission }, at) => [permission, outcomes[at] ?? true]));
}
