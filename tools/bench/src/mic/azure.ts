/** Azure of the MIC bench, in a process of its own; told what to do by its parent. */
import { startAzureSimulator } from '@aad-pod-identity/testing/azure';
import type { AzureReady, AzureRequest } from './protocol.ts';

const azure = await startAzureSimulator();
const secret = 'a-secret-of-the-bench';
const app = azure.addApp({ secret });

/** Requests that ended since the last look at them. */
let counted = 0;
function counts() {
  const fresh = azure.state.requests.slice(counted);
  counted = azure.state.requests.length;
  const of = (operation: string): number => fresh.filter((request) => request.operation === operation).length;
  return { reads: of('arm.get'), writes: of('arm.update'), polls: of('arm.poll') };
}

function answer(request: AzureRequest): unknown {
  switch (request.action) {
    case 'scaleSet':
      return azure.addScaleSet({ resourceGroup: 'nodes', name: request.name, instances: request.instances });
    case 'identity':
      return azure.addIdentity({ resourceGroup: 'identities', name: request.name });
    case 'assign':
      azure.state.assign(azure.state.resource(request.machine), request.identity);
      return undefined;
    case 'break':
      azure.control.breakIdentity(request.identity, request.how);
      return undefined;
    case 'armMs':
      azure.control.arm.updateMs = request.ms;
      return undefined;
    case 'hang':
      azure.control.hang('arm', { match: request.match });
      return undefined;
    case 'throttle':
      azure.control.throttle('arm.update', 1, { match: request.match, retryAfter: request.retryAfter });
      return undefined;
    case 'reset':
      return azure.control.reset();
    case 'counts':
      return counts();
  }
}

process.on('message', (request: AzureRequest & { id: number }) => {
  void Promise.resolve(answer(request)).then((value) => process.send?.({ id: request.id, value }));
});
process.send?.({
  environment: JSON.stringify(azure.environment()),
  caPem: azure.ca.certPem,
  cloudConfig: JSON.stringify({
    ...{ cloud: 'AzureStackCloud', tenantId: app.tenantId },
    ...{ aadClientId: app.clientId, aadClientSecret: secret },
  }),
} satisfies AzureReady);
