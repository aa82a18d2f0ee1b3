import { drawSequence, type Sequence } from './sequence.ts';

const [POD, KERNEL, NMI, CACHE, AZURE] = [0, 1, 2, 3, 4];

const TOKEN_REQUEST: Sequence = {
  title:
    'A token request: the pod asks the metadata address, the node’s kernel redirects it to NMI, NMI finds out who asks and what that pod may use, and takes the token from its cache or from Azure.',
  actors: [
    { name: 'Pod', is: 'any Azure SDK' },
    { name: 'Kernel', is: 'of the node: iptables' },
    { name: 'NMI', is: 'DaemonSet, this node' },
    { name: 'What NMI knows', is: 'watched in the cluster' },
    { name: 'Azure', is: 'IMDS or Entra ID' },
  ],
  steps: [
    { from: POD, to: KERNEL, says: 'GET 169.254.169.254\n/metadata/identity/…/token' },
    { from: KERNEL, to: NMI, says: 'redirected to port 2579' },
    { from: NMI, to: NMI, says: 'method, path, header,\nHost: else 400, 403, 405' },
    { from: NMI, to: CACHE, says: 'which pod has\nthis source address?' },
    { from: CACHE, to: NMI, says: 'one pod, else 503', answer: true },
    { from: NMI, to: CACHE, says: 'which bindings select its label,\nwhich identity do they name?' },
    { from: CACHE, to: NMI, says: 'one identity, else\n400 Identity not found', answer: true },
    { from: NMI, to: NMI, says: 'not on the VM yet: wait\nuntil MIC says Assigned' },
    {
      from: NMI,
      to: AZURE,
      says: 'a token, unless one is kept: for an identity by IMDS,\nfor a service principal by Entra ID',
    },
    { from: AZURE, to: NMI, says: 'token, or a refusal (403), or no answer (503)', answer: true },
    { from: NMI, to: POD, says: '200 with the token; one line in the log', answer: true },
  ],
};

const [API, MIC, RECORDS, ARM, NODE] = [0, 1, 2, 3, 4];

const POD_ASSIGNMENT: Sequence = {
  title:
    'A pod through MIC: it sees the pod, works out which identities it needs, writes the record, assigns the identity to the VM or scale set, and marks the record Assigned, for which NMI waits.',
  actors: [
    { name: 'Kubernetes API', is: 'pods, nodes, bindings' },
    { name: 'MIC', is: 'Deployment, one leads' },
    { name: 'Record', is: 'AzureAssignedIdentity' },
    { name: 'Azure', is: 'Resource Manager' },
    { name: 'NMI', is: 'on the node of the pod' },
  ],
  steps: [
    { from: API, to: MIC, says: 'a pod with a label\nruns on a node' },
    {
      from: MIC,
      to: MIC,
      says: 'bindings that select the label,\nidentities they name; else a reason:\nlog, Event, condition, metric',
    },
    { from: MIC, to: RECORDS, says: 'Created' },
    { from: RECORDS, to: NODE, says: 'seen: a request of the pod waits now', answer: true },
    {
      from: MIC,
      to: ARM,
      says: 'what is on the VM or scale set? add what is\nneeded, take off what MIC added and nobody needs',
    },
    { from: ARM, to: MIC, says: 'done; or which identity is refused: the others go on', answer: true },
    { from: MIC, to: RECORDS, says: 'Assigned' },
    { from: RECORDS, to: NODE, says: 'seen: the waiting request is answered', answer: true },
    { from: MIC, to: API, says: 'Event: binding applied' },
  ],
};

/** Pictures of the two walks: path from the workspace root -> content. */
export const diagramFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ['docs/images/token-request.svg', drawSequence(TOKEN_REQUEST)],
    ['docs/images/pod-assignment.svg', drawSequence(POD_ASSIGNMENT)],
  ]);
