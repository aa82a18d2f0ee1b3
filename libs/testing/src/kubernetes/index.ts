export { EndpointsCandidate } from './endpoints-candidate.ts';
export type { Fault, FaultAction } from './faults.ts';
export type { RecordedRequest } from './http/exchange.ts';
export type { TlsFiles } from './http/listener.ts';
export type { KubeObject, ObjectMeta } from './objects.ts';
export { type KubernetesSimulator, type SimulatorOptions, startKubernetesSimulator } from './simulator.ts';
export { logOptions } from './verbs/log-lines.ts';
export { followLog, shown } from './verbs/log-text.ts';
