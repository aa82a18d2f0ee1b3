/** The CRDs as chart 4.1.18 leaves them in a cluster: schemas that prune what they do not name, and no path for a status. */
const text = { type: 'string' };
const whole = { type: 'integer' };
const reference = { type: 'object', properties: { name: text, namespace: text } };

const IDENTITY = {
  ...{ type: whole, resourceID: text, clientID: text, clientPassword: reference, tenantID: text, adResourceID: text },
  ...{ auxiliaryTenantIDs: { type: 'array', nullable: true, items: text }, adEndpoint: text, replicas: whole },
};
const BINDING = { azureIdentity: text, selector: text, weight: whole };
const embedded = (properties: object) => ({
  ...{ type: 'object', 'x-kubernetes-embedded-resource': true },
  properties: { spec: { type: 'object', properties }, status: { type: 'object' } },
});

const SPECS = {
  AzureIdentity: IDENTITY,
  AzureIdentityBinding: BINDING,
  AzureAssignedIdentity: {
    ...{ azureIdentityRef: embedded(IDENTITY), azureBindingRef: embedded(BINDING) },
    ...{ pod: text, podNamespace: text, nodename: text, replicas: whole },
  },
  AzurePodIdentityException: { podLabels: { type: 'object', additionalProperties: text } },
};

const STATUS = { status: text, availableReplicas: whole };

function crd(kind: string, spec: object): object {
  const singular = kind.toLowerCase();
  const plural = singular.replace(/y$/, 'ie').concat('s');
  const schema = {
    type: 'object',
    properties: {
      ...{ apiVersion: text, kind: text, metadata: { type: 'object' } },
      spec: { type: 'object', properties: spec },
      status: { type: 'object', properties: STATUS },
    },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.aadpodidentity.k8s.io`,
      annotations: { 'api-approved.kubernetes.io': 'unapproved' },
    },
    spec: {
      ...{ group: 'aadpodidentity.k8s.io', scope: 'Namespaced' },
      names: { kind, listKind: `${kind}List`, plural, singular },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

export const oldCrds = (): object[] => Object.entries(SPECS).map(([kind, spec]) => crd(kind, spec));
