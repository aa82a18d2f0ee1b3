import { POD_LABEL } from '@aad-pod-identity/crd-types';
import { azureIdentity, azureIdentityBinding, pod } from '@aad-pod-identity/testing';
import { CLIENT_ID, TENANT_ID } from '../../src/plan/account-plans.ts';
import { planMigration } from '../../src/plan/plan.ts';
import { podOf, serviceAccount, workload, type WorkloadOptions } from '../objects.ts';
import { CLIENT, OTHER_CLIENT, type Raw, worldOf } from '../world.ts';

const everywhere = { forceNamespaced: false, namespace: '' };
const identity = (name = 'demo', spec: Record<string, unknown> = {}, annotations: Record<string, string> = {}) =>
  azureIdentity({ name, annotations, spec: { clientID: CLIENT, ...spec } });
const other = azureIdentity({ name: 'other', spec: { clientID: OTHER_CLIENT } });
const principal = { type: 1, tenantID: 'tenant', clientPassword: { name: 's', namespace: 'default' } };
const exception = {
  ...{ apiVersion: 'aadpodidentity.k8s.io/v1', kind: 'AzurePodIdentityException' },
  ...{ metadata: { name: 'kured', namespace: 'default' }, spec: { podLabels: { app: 'WEB' } } },
};
/** A workload that runs as an account of its own and uses `demo`. */
const web = (options: WorkloadOptions = {}) => workload({ label: 'demo', serviceAccount: 'runner', ...options });
const usual = [identity(), azureIdentityBinding()];

/** What is said of the first workload. */
function attention(objects: readonly Raw[]): readonly string[] {
  const [first] = planMigration(worldOf(...objects), everywhere).workloads;
  return first?.attention ?? ['there is no workload'];
}

it('nothing is said of a workload with an identity and a service account of its own', () => {
  expect(attention([...usual, web(), podOf(web()), serviceAccount('runner')])).toEqual([]);
});

type Case = readonly [objects: readonly Raw[], said: readonly (string | RegExp)[]];

const cases: Readonly<Record<string, Case>> = {
  'a label that nothing selects': [
    [web()],
    ['no binding gives an identity to the label aadpodidbinding=demo: take the label away, or mend the binding'],
  ],
  'a binding that gives nothing, and why': [
    [azureIdentityBinding(), web()],
    [/^binding default\/demo names AzureIdentity demo, which is not/, /^no binding gives/],
  ],
  'several identities, of which a service account has one': [
    [...usual, other, azureIdentityBinding({ name: 'other', selector: 'demo', spec: { weight: 1 } }), web()],
    [
      /^it uses several identities: default\/other becomes the one of its service account; for the others \(default\/demo\)/,
    ],
  ],
  'a service account that is shared with a workload of another identity': [
    [...usual, other, azureIdentityBinding({ name: 'other' }), web(), web({ name: 'z', label: 'other' })],
    [
      /^nothing is proposed for service account default\/runner: its workloads use different identities \(Deployment web uses default\/demo, Deployment z uses default\/other\)/,
    ],
  ],
  'a service account that is shared with a workload of more identities': [
    [
      ...[
        ...usual,
        other,
        azureIdentityBinding({ name: 'more', identity: 'other', selector: 'z', spec: { weight: -1 } }),
      ],
      ...[
        azureIdentityBinding({ name: 'same', identity: 'demo', selector: 'z' }),
        web(),
        web({ name: 'z', label: 'z' }),
      ],
    ],
    [
      'it shares service account runner with workloads that use default/other, and may then use that as well: where that is not wanted, separate them',
    ],
  ],
  'a service account that workloads without an identity run as too': [
    [...usual, web(), workload({ name: 'a', serviceAccount: 'runner' }), pod({ name: 'p', serviceAccount: 'runner' })],
    [/^Deployment a, Pod p run as service account runner too, and may then use these identities as well/],
  ],
  'a service account that is annotated with another client id, which is not shown': [
    [...usual, web(), serviceAccount('runner', 'default', { [CLIENT_ID]: OTHER_CLIENT })],
    [
      `nothing is proposed for service account default/runner: it is annotated with another ${CLIENT_ID} already, 6666##### REDACTED #####0000: decide which is right`,
    ],
  ],
  'a service account that is annotated with another tenant': [
    [
      identity('demo', principal),
      azureIdentityBinding(),
      web(),
      serviceAccount('runner', 'default', { [TENANT_ID]: 'x' }),
    ],
    [/secret/, /^nothing is proposed .* annotated with another azure\.workload\.identity\/tenant-id/],
  ],
  'a workload that runs as default': [
    [...usual, web({ serviceAccount: 'default' })],
    [
      'it runs as default, which all of its namespace may run as: it gets service account web of its own; what was granted to default by RBAC must be granted to that too',
    ],
  ],
  'a binding that lists service accounts, the new one not among them': [
    [
      identity(),
      azureIdentityBinding({ spec: { serviceAccountNames: ['default'] } }),
      web({ serviceAccount: 'default' }),
    ],
    [
      /^it runs as default/,
      'binding default/demo lists service accounts: add web to it first, or NMI stops serving these pods',
    ],
  ],
  'pods on the node’s network': [
    [...usual, web({ hostNetwork: true })],
    [/^its pods are on the node's network: NMI has never served them/],
  ],
  'pods with an exception': [
    [...usual, exception, web()],
    [/^exception default\/kured is for its pods: today they get any identity of the node/],
  ],
  'an identity without a client id, and how to get it': [
    [identity('demo', { clientID: '' }), azureIdentityBinding(), web()],
    [
      /^identity default\/demo: it has no clientID: put what `az identity show --ids \/subscriptions\/\S+\/demo --query clientId --output tsv` prints/,
      'no objects are printed for service account default/runner: default/demo has no clientID to annotate it with',
    ],
  ],
  'a client id that is no id': [
    [identity('demo', { clientID: 'a\nb' }), azureIdentityBinding(), web()],
    [
      'identity default/demo: its clientID is not of the form of an id',
      /^no objects are printed .* the clientID of default\/demo is not/,
    ],
  ],
  'a resource id that names nothing': [
    [identity('demo', { resourceID: '/x' }), azureIdentityBinding(), web()],
    [/^identity default\/demo: no federated credential can be proposed: in its resourceID there is "x" as part 1/],
  ],
  'a service principal with a secret': [
    [identity('demo', principal), azureIdentityBinding(), web()],
    [/^identity default\/demo: it is a service principal with a secret/],
  ],
  'a service principal with a certificate': [
    [identity('demo', { ...principal, type: 2 }), azureIdentityBinding(), web()],
    [/^identity default\/demo: it is a service principal with a certificate/],
  ],
  'auxiliary tenants': [
    [identity('demo', { ...principal, auxiliaryTenantIDs: ['a', 'b'] }), azureIdentityBinding(), web()],
    [/secret/, /^identity default\/demo: it names 2 auxiliary tenant\(s\)/],
  ],
  'another authority': [
    [identity('demo', { ...principal, adEndpoint: 'https://login.example.com' }), azureIdentityBinding(), web()],
    [/secret/, /^identity default\/demo: it names an adEndpoint/],
  ],
  'a namespaced identity': [
    [identity('demo', {}, { 'aadpodidentity.k8s.io/Behavior': 'namespaced' }), azureIdentityBinding(), web()],
    [/^identity default\/demo: NMI keeps it to namespace default: workload identity has no such rule/],
  ],
  'an identity of another namespace': [
    [...usual, web({ namespace: 'shop' })],
    [/^identity default\/demo: it is of namespace default, whose people decide over it today/],
  ],
  'a selector that names the old label': [
    [...usual, { ...web(), spec: { ...web().spec, selector: { matchLabels: { [POD_LABEL]: 'demo' } } } }],
    [/^its selector names aadpodidbinding, and selectors cannot be changed/],
  ],
  'pods of another label, and the label on pods only': [
    [...usual, workload({ serviceAccount: 'runner' }), podOf(web()), podOf(web(), 'y', { [POD_LABEL]: 'z' })],
    [
      'its pods carry aadpodidbinding=demo and its template does not: a rollout under way, or put on by hand',
      'some of its pods carry another value of aadpodidbinding (z): look again when its rollout is over',
    ],
  ],
  'a Job, whose template cannot be changed': [
    [...usual, web({ kind: 'Job' })],
    [/^the template of a Job cannot be changed/],
  ],
  'a pod that nothing makes anew': [
    [...usual, pod({ name: 'lone', label: 'demo', serviceAccount: 'runner' })],
    [/^nothing makes this pod anew/],
  ],
  'a workload that replaces its pods only when they are deleted': [
    [...usual, { ...web({ kind: 'DaemonSet' }), spec: { ...web().spec, updateStrategy: { type: 'OnDelete' } } }],
    [/^its pods are replaced only when you delete them/],
  ],
  'an owner of an unknown kind': [
    [
      ...usual,
      web({ kind: 'ReplicaSet', owner: { kind: 'Rollout', apiVersion: 'argoproj.io/v1alpha1', name: 'r', uid: 'r' } }),
    ],
    [/^Rollout of argoproj\.io\/v1alpha1 is a kind of somebody else's/],
  ],
  'a name that Kubernetes does not allow': [
    [...usual, web({ serviceAccount: "a'; rm -rf /" })],
    [/^nothing is proposed for service account default\/a'; rm -rf \/: there is no name for it that Kubernetes allows/],
  ],
};

it.each(Object.entries(cases))('an operator is told of %s', (_sentence, [objects, said]) => {
  const found = attention(objects);
  expect(found).toEqual(
    said.map((each) => (typeof each === 'string' ? each : (expect.stringMatching(each) as string))),
  );
});

it('no sentence holds a client id in full', () => {
  const all = Object.values(cases).flatMap(([objects]) => attention(objects));
  expect(all.join('\n')).not.toMatch(new RegExp(`${CLIENT}|${OTHER_CLIENT}`));
});
