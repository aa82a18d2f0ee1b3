/** A cluster of one node with pods that share some identities, and the Azure behind it; told what to do by its parent. */
import { customResourceDefinition, KINDS, type KindName } from '@aad-pod-identity/crd-types';
import { systemClock } from '@aad-pod-identity/runtime';
import {
  azureAssignedIdentity,
  azureIdentity,
  azureIdentityBinding,
  createRunCa,
  pod,
  secret,
} from '@aad-pod-identity/testing';
import { startAzureSimulator } from '@aad-pod-identity/testing/azure';
import { startKubernetesSimulator } from '@aad-pod-identity/testing/kubernetes';
import { NODE, type WorldReady, type WorldRequest, type WorldSettings } from './protocol.ts';

const AAD = 'aadpodidentity.k8s.io/v1';
const settings = JSON.parse(process.argv[2] ?? '{}') as WorldSettings;
const crds = (Object.keys(KINDS) as KindName[]).map((kind) => customResourceDefinition(kind));
const authority = createRunCa();
const [kube, azure] = await Promise.all([
  startKubernetesSimulator({
    crds,
    tls: { ...authority.issue({ commonName: 'kubernetes', altNames: ['127.0.0.1'] }), caPem: authority.certPem },
  }),
  startAzureSimulator({ imdsLimits: settings.imdsLimits }),
]);
const machine = azure.addVm({ resourceGroup: 'nodes', name: NODE }).id;
const imds = await azure.imdsFor(machine);

const addressOf = (nth: number): string => `127.10.${Math.floor(nth / 200)}.${(nth % 200) + 1}`;
let made = 0;

/** An identity on the machine and its binding, both under `name`. */
function bound(name: string) {
  const { id, clientId } = azure.addIdentity({ resourceGroup: 'nodes', name });
  azure.state.assign(azure.state.resource(machine), id);
  const objects = {
    identity: azureIdentity({ name, spec: { resourceID: id, clientID: clientId } }),
    binding: azureIdentityBinding({ name }),
  };
  for (const object of Object.values(objects)) kube.state.create(object);
  return objects;
}

function podOf(name: string, label: string, of: ReturnType<typeof bound>, state: 'Created' | 'Assigned'): string {
  const ip = addressOf(made++);
  kube.state.create(azureAssignedIdentity({ pod: name, ...of, state }));
  kube.state.create(pod({ name, label, ip }));
  return ip;
}

const identities = Array.from({ length: settings.identities }, (_, nth) => ({
  name: `identity-${nth}`,
  objects: bound(`identity-${nth}`),
}));
const addresses = Array.from({ length: settings.pods }, (_, nth) => {
  const { name, objects } = identities[nth % identities.length] ?? { name: '', objects: bound('lonely') };
  return podOf(`pod-${nth}`, name, objects, 'Assigned');
});

/** A pod of a service principal: Entra ID has no limit of calls, so it can ask for any number of resources. */
function principal(): string {
  const [name, password] = ['principal', 'a-password-of-the-bench'];
  const tenantId = '11111111-1111-4111-8111-111111111111';
  const { clientId } = azure.addApp({ tenantId, secret: password });
  const clientPassword = { name, namespace: 'default' };
  const spec = { type: 1, clientID: clientId, tenantID: tenantId, clientPassword, resourceID: '' };
  const objects = { identity: azureIdentity({ name, spec }), binding: azureIdentityBinding({ name }) };
  for (const object of [secret({ name, values: { password } }), objects.identity, objects.binding])
    kube.state.create(object);
  return podOf(name, name, objects, 'Assigned');
}
const principalAddress = principal();

const records = new Map<string, string>();
const tokenCalls = () =>
  azure.state.requests.filter(({ service, path }) => service === 'imds' && path.includes('/token'));

function answer(request: WorldRequest): unknown {
  switch (request.action) {
    case 'latency':
      azure.control.latency('imds', request.ms);
      return undefined;
    case 'calls': {
      const calls = tokenCalls();
      return { all: calls.length, refused: calls.filter(({ status }) => status === 429).length };
    }
    case 'pending': {
      const objects = bound(request.name);
      records.set(request.name, azureAssignedIdentity({ pod: request.name, ...objects }).metadata.name);
      return podOf(request.name, request.name, objects, 'Created');
    }
    case 'assign': {
      const at = systemClock.now();
      kube.state.patch(AAD, 'AzureAssignedIdentity', 'default', records.get(request.name) ?? '', {
        status: { status: 'Assigned' },
      });
      return at;
    }
  }
}

process.on('message', (request: WorldRequest) => {
  process.send?.({ id: request.id, value: answer(request) });
});
process.send?.({
  ...{ apiServer: kube.url, kubernetesCaPem: authority.certPem },
  environment: JSON.stringify(azure.environment()),
  ...{ caPem: azure.ca.certPem, imdsPort: imds.port, addresses, principalAddress },
} satisfies WorldReady);
