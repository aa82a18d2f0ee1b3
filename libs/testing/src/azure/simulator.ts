import { type Clock, systemClock } from '@aad-pod-identity/runtime';
import { createRunCa, type RunCa } from '../pki.ts';
import { ArmOperations } from './arm-operations.ts';
import { armErrorBody } from './arm-replies.ts';
import { armRoutes } from './arm-service.ts';
import { type ArmSettings, defaultArmSettings } from './arm-settings.ts';
import { AzureControl } from './control.ts';
import { entraErrorBody } from './entra-errors.ts';
import { entraRoutes } from './entra-service.ts';
import { armAudience, type AzureEnvironment, azureEnvironment } from './environment.ts';
import { Faults, type ServiceName } from './faults.ts';
import { imdsLimiter, unlimited } from './imds-limits.ts';
import { imdsErrorBody, imdsRoutes } from './imds-service.ts';
import { findMachine, type Machine, scaleSetMachines, vmMachine } from './machines.ts';
import type { Recorder } from './recorder.ts';
import { type Service, startService } from './service.ts';
import { type App, AzureState, type Identity, type NewApp, type NewCompute, type NewIdentity } from './state.ts';
import { createTokenIssuer, type TokenClaims, type TokenIssuer } from './tokens.ts';

export interface AzureSimulatorOptions {
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** Authority of the server certificates; default a new one. */
  readonly ca?: RunCa;
  readonly ports?: { readonly entra?: number; readonly arm?: number };
  /** What clients call the services, where something stands between: certificates and answers bear these names. */
  readonly publicUrls?: { readonly entra: string; readonly arm: string };
  readonly clock?: Clock;
  readonly tenantId?: string;
  readonly subscriptionId?: string;
  /** Honour the limits of the real IMDS: 20 requests a second, 5 at a time, per machine. */
  readonly imdsLimits?: boolean;
  /** Lifetime of managed identities' tokens (default a day) and of apps' (default 3599), in seconds. */
  readonly lifetimes?: { readonly managedIdentity?: number; readonly app?: number };
}

interface Parts {
  readonly host: string;
  readonly clock: Clock;
  readonly ca: RunCa;
  readonly state: AzureState;
  readonly faults: Faults;
  readonly recorder: Recorder;
  readonly issuer: TokenIssuer;
  readonly armSettings: ArmSettings;
  readonly urls: { entra: string; arm: string };
  readonly options: AzureSimulatorOptions;
}

function createParts(options: AzureSimulatorOptions): Parts {
  const { host = '127.0.0.1', clock = systemClock, ca = createRunCa() } = options;
  const urls = { entra: '', arm: '' };
  const state = new AzureState(options);
  return {
    host,
    clock,
    ca,
    state,
    faults: new Faults(clock),
    recorder: state.recorder,
    issuer: createTokenIssuer(clock, () => urls.entra),
    armSettings: defaultArmSettings(),
    urls,
    options,
  };
}

function publicNames({ publicUrls }: AzureSimulatorOptions): string[] {
  return Object.values(publicUrls ?? {}).map((url) => new URL(url).hostname);
}

function startEntra(parts: Parts, tls: { certPem: string; keyPem: string }): Promise<Service> {
  const { clock, options } = parts;
  const route = entraRoutes({
    ...parts,
    baseUrl: () => parts.urls.entra,
    lifetimeSeconds: () => options.lifetimes?.app ?? 3599,
  });
  const errorBody = (code: string, message: string): object => entraErrorBody(clock, code, message);
  return startService({ ...parts, name: 'entra', port: options.ports?.entra ?? 0, tls, route, errorBody });
}

function startArm(parts: Parts, tls: { certPem: string; keyPem: string }): Promise<Service> {
  const { armSettings: settings, urls, options } = parts;
  const operations = new ArmOperations(settings, () => urls.arm);
  const audiences = (): string[] => [armAudience(urls.arm), urls.arm];
  const route = armRoutes({ ...parts, settings, operations, audiences });
  return startService({ ...parts, name: 'arm', port: options.ports?.arm ?? 0, tls, route, errorBody: armErrorBody });
}

function startImds(parts: Parts, { resource, name }: Machine): Promise<Service> {
  const { options } = parts;
  const admit = options.imdsLimits ? imdsLimiter(parts.clock) : unlimited;
  const lifetimeSeconds = (): number => options.lifetimes?.managedIdentity ?? 24 * 60 * 60;
  const route = imdsRoutes({ ...parts, resource, machineName: name, lifetimeSeconds, admit });
  return startService({ ...parts, name: 'imds', machine: name, route, errorBody: imdsErrorBody });
}

/** Azure on loopback: Entra ID and ARM over TLS, and one metadata service per machine, over one state. */
export class AzureSimulator {
  readonly ca: RunCa;
  readonly state: AzureState;
  readonly control: AzureControl;
  readonly entraUrl: string;
  readonly armUrl: string;
  readonly machines: Machine[] = [];
  readonly #parts: Parts;
  readonly #services: Readonly<Record<'entra' | 'arm', Service>>;
  readonly #imds = new Map<Machine, Promise<Service>>();
  #imdsStarted: Service[] = [];

  private constructor(parts: Parts, services: Readonly<Record<'entra' | 'arm', Service>>) {
    this.#parts = parts;
    this.#services = services;
    this.ca = parts.ca;
    this.state = parts.state;
    this.entraUrl = parts.urls.entra;
    this.armUrl = parts.urls.arm;
    const of = (name: ServiceName): readonly Service[] => (name === 'imds' ? this.#imdsStarted : [services[name]]);
    this.control = new AzureControl({ faults: parts.faults, arm: parts.armSettings, state: parts.state, services: of });
  }

  static async start(options: AzureSimulatorOptions = {}): Promise<AzureSimulator> {
    const parts = createParts(options);
    const tls = parts.ca.issue({
      commonName: 'Azure simulator',
      altNames: ['localhost', '127.0.0.1', '::1', parts.host, ...publicNames(options)],
    });
    const [entra, arm] = await Promise.all([startEntra(parts, tls), startArm(parts, tls)]);
    Object.assign(parts.urls, options.publicUrls ?? { entra: entra.url, arm: arm.url });
    return new AzureSimulator(parts, { entra, arm });
  }

  /** Where Entra ID and ARM listen, whatever their URLs say. */
  get ports(): { readonly entra: number; readonly arm: number } {
    return { entra: this.#services.entra.port, arm: this.#services.arm.port };
  }

  /** A VM; its node's providerID is in the result. */
  addVm(vm: NewCompute): { id: string; providerId: string } {
    const machine = vmMachine(this.state.addCompute('vm', vm));
    this.machines.push(machine);
    return { id: machine.resource.id, providerId: machine.providerId };
  }

  /** A scale set with `instances` machines, each with its own metadata service and all with the same identities. */
  addScaleSet(scaleSet: NewCompute & { readonly instances: number }): { id: string; providerIds: string[] } {
    const resource = this.state.addCompute('vmss', scaleSet);
    const machines = scaleSetMachines(resource, scaleSet.instances);
    this.machines.push(...machines);
    return { id: resource.id, providerIds: machines.map(({ providerId }) => providerId) };
  }

  /** A flexible scale set: its instances are VMs of their own, each with its own identities. */
  addFlexibleScaleSet({ instances, ...scaleSet }: NewCompute & { readonly instances: number }): {
    id: string;
    vms: { id: string; providerId: string }[];
  } {
    const { id } = this.state.addCompute('vmss', scaleSet);
    const { resourceGroup, name, subscriptionId } = scaleSet;
    const place = { resourceGroup, scaleSet: id, ...(subscriptionId === undefined ? {} : { subscriptionId }) };
    const vms = Array.from({ length: instances }, (_, at) => this.addVm({ ...place, name: `${name}_${at}f3c09` }));
    return { id, vms };
  }

  addIdentity(identity: NewIdentity): Identity {
    return this.state.addIdentity(identity);
  }

  addApp(app: NewApp): App {
    return this.state.addApp(app);
  }

  /**
   * The metadata service of a machine, started when first asked for.
   * @param reference resource id, providerID or machine name
   */
  async imdsFor(reference: string): Promise<Service> {
    const machine = findMachine(this.machines, reference);
    if (machine === undefined) throw new Error(`the Azure simulator has no machine ${reference}`);
    const starting = this.#imds.get(machine) ?? startImds(this.#parts, machine);
    this.#imds.set(machine, starting);
    const service = await starting;
    if (!this.#imdsStarted.includes(service)) this.#imdsStarted.push(service);
    return service;
  }

  /** The cloud file for `AZURE_ENVIRONMENT_FILEPATH`. */
  environment(): AzureEnvironment {
    return azureEnvironment(this.entraUrl, this.armUrl);
  }

  /** Audience of tokens for this ARM. */
  get armAudience(): string {
    return armAudience(this.armUrl);
  }

  verifyToken(token: string): Promise<TokenClaims> {
    return this.#parts.issuer.verify(token);
  }

  async close(): Promise<void> {
    await Promise.all([...Object.values(this.#services), ...this.#imdsStarted].map((service) => service.stop()));
  }
}

export function startAzureSimulator(options: AzureSimulatorOptions = {}): Promise<AzureSimulator> {
  return AzureSimulator.start(options);
}
