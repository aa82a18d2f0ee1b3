export { type ArmSettings } from './arm-settings.ts';
export { type AzureControl } from './control.ts';
export { type ControlServer, startControlServer } from './control-server.ts';
export { type AzureEnvironment } from './environment.ts';
export { type Fault, type FaultAction, type OperationName, type Scope, type ServiceName } from './faults.ts';
export { IMDS_TELL_TALE } from './imds-service.ts';
export { type RecordedRequest } from './recorder.ts';
export { type Service } from './service.ts';
export { type AzureSimulator, type AzureSimulatorOptions, startAzureSimulator } from './simulator.ts';
export {
  type App,
  type AzureState,
  type Breakage,
  type ComputeResource,
  type FederatedCredential,
  type Identity,
  type NewApp,
  type NewCompute,
  type NewIdentity,
} from './state.ts';
export { type TokenClaims } from './tokens.ts';
export { type InitialState, populate } from './initial-state.ts';
