import { boolFlag, type FlagValues, stringFlag } from '@aad-pod-identity/runtime';

export const FLAGS = {
  kubeconfig: stringFlag({
    default: '',
    help: 'Path of a kubeconfig file; empty: KUBECONFIG, else the pod’s own account, else ~/.kube/config.',
  }),
  output: stringFlag({
    default: 'text',
    oneOf: ['text', 'yaml', 'commands'],
    help: 'A plan to read, the objects for kubectl, or the shell commands for Azure.',
  }),
  issuer: stringFlag({
    default: '',
    help: 'URL of the issuer of the cluster’s service account tokens; empty: what the cluster says.',
  }),
  namespace: stringFlag({
    default: '',
    aliases: ['n'],
    help: 'Tell only of workloads of this namespace; empty: of all.',
  }),
  forceNamespaced: boolFlag({
    default: false,
    env: 'FORCENAMESPACED',
    help: 'MIC and NMI run with this flag: every identity is kept to the pods of its own namespace.',
  }),
  version: boolFlag({ default: false, help: 'Print the version and end.' }),
  help: boolFlag({ default: false, aliases: ['h'], help: 'Print this and end.' }),
} as const;

export type Flags = FlagValues<typeof FLAGS>;
