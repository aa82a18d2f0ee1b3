import { readFile } from 'node:fs/promises';
import { namespacedName } from '@aad-pod-identity/kube';
import { redactId } from '@aad-pod-identity/runtime';
import type { AzureView } from '../azure-client.ts';
import type { SandboxPod } from '../pods/pod.ts';
import { readTokenRequests, type TokenRequestRecord } from '../request-log.ts';
import type { Sandbox } from '../sandbox.ts';

/** Everything that the page shows, as one JSON value. */
export interface View {
  readonly programs: readonly {
    name: string;
    running: boolean;
    restarts: number;
    pid?: number;
    log: string;
    metrics: string;
    /** Name of the pod that stands for it. */
    pod: string;
  }[];
  readonly pods: readonly {
    name: string;
    label: string;
    phase: string;
    ip: string;
    page: string;
    identities: readonly string[];
  }[];
  readonly identities: readonly { name: string; type: number; clientId: string; azureId: string; breakage: string }[];
  readonly bindings: readonly { name: string; identity: string; selector: string }[];
  readonly assignments: readonly { name: string; pod: string; identity: string; state: string; reason: string }[];
  readonly tokenRequests: readonly (TokenRequestRecord & { pod: string })[];
  readonly armCalls: readonly {
    time: string;
    method: string;
    path: string;
    status: number;
    ms: number;
    note: string;
  }[];
  readonly machines: readonly { id: string; identities: readonly string[] }[];
  readonly azureStopped: readonly string[];
  readonly kubectl: string;
}

const SHOWN_REQUESTS = 15;
const lastSegment = (id: string) => id.split('/').at(-1) ?? id;

export async function readView(sandbox: Sandbox): Promise<View> {
  const [azure, log] = await Promise.all([sandbox.azure.view(), readFile(sandbox.folder.log('nmi'), 'utf8')]);
  const pods = [...sandbox.pods.list()].filter(({ metadata }) => !sandbox.isProgram(namespacedName(metadata)));
  return {
    programs: programsOf(sandbox),
    pods: pods.map((pod) => podRow(sandbox, pod)),
    identities: identitiesOf(sandbox, azure),
    bindings: [...sandbox.world.bindings.list()].map(({ metadata, spec }) => ({
      ...{ name: namespacedName(metadata), identity: spec.azureIdentity, selector: spec.selector },
    })),
    assignments: sandbox.world.assignments().map(({ namespace, name, podNamespace, pod, ...rest }) => ({
      ...{ name: `${namespace}/${name}`, pod: `${podNamespace}/${pod}` },
      ...{ identity: rest.identity, state: rest.state, reason: rest.reason },
    })),
    tokenRequests: readTokenRequests(log, SHOWN_REQUESTS).map((request) => ({
      ...request,
      pod: pods.find(({ status }) => status?.podIP === request.remote)?.metadata.name ?? '',
    })),
    armCalls: armCallsOf(azure),
    machines: azure.resources.map(({ id, userAssigned }) => ({
      ...{ id: lastSegment(id), identities: userAssigned.map(lastSegment) },
    })),
    azureStopped: azure.stopped,
    kubectl: sandbox.kubectl,
  };
}

function programsOf(sandbox: Sandbox): View['programs'] {
  return (['mic', 'nmi'] as const).map((name) => {
    const { running, restarts, pid } = sandbox.programs[name];
    const where = { log: sandbox.folder.log(name), metrics: sandbox.metrics[name], pod: sandbox.podOf(name) };
    const shown = { name: name.toUpperCase(), running, restarts, ...where };
    return pid === undefined ? shown : { ...shown, pid };
  });
}

function podRow(sandbox: Sandbox, pod: SandboxPod): View['pods'][number] {
  const { metadata, status } = pod;
  const ip = status?.podIP ?? '';
  const identities = sandbox
    .assignedTo(metadata.namespace ?? '', metadata.name ?? '')
    .map(({ identity, state }) => `${identity} (${state})`);
  return {
    ...{ name: namespacedName(metadata), label: metadata.labels?.aadpodidbinding ?? '', ip, identities },
    ...{ phase: status?.phase ?? 'Pending', page: sandbox.pageOf(namespacedName(metadata)) },
  };
}

function identitiesOf(sandbox: Sandbox, azure: AzureView): View['identities'] {
  return [...sandbox.world.identities.list()].map(({ metadata, spec }) => {
    const inAzure = azure.identities.find(({ id }) => id.toLowerCase() === spec.resourceID.toLowerCase());
    return {
      ...{ name: namespacedName(metadata), type: spec.type, clientId: redactId(spec.clientID) },
      ...{ azureId: lastSegment(spec.resourceID), breakage: inAzure?.breakage ?? '' },
    };
  });
}

function armCallsOf({ requests }: AzureView): View['armCalls'] {
  return requests
    .filter(({ service }) => service === 'arm')
    .slice(-SHOWN_REQUESTS)
    .reverse()
    .map(({ at, method, path, status, durationMs, note }) => ({
      ...{ time: new Date(at).toISOString(), method, path: lastSegment(path), status, note },
      ms: Math.round(durationMs),
    }));
}
