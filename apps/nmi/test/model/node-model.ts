/**
 * A node as it is, beside what its API server, its watch and NMI know of it: sandboxes come and go at once, the kubelet
 * reports it later, the watch tells of that later still, and any of them may stand still. NMI's own parts decide.
 */
import { readAzureIdentity, readAzureIdentityBinding, POD_LABEL } from '@aad-pod-identity/crd-types';
import { type KubeClient, namespacedName, type Standing } from '@aad-pod-identity/kube';
import { parseFlags } from '@aad-pod-identity/runtime';
import { createMetrics, silentLogger } from '@aad-pod-identity/telemetry';
import { azureIdentity, azureIdentityBinding, fakeClock, pod } from '@aad-pod-identity/testing';
import { wireCaller } from '../../src/caller-wiring.ts';
import { flags as table } from '../../src/flags.ts';
import { wireIdentities } from '../../src/identity-wiring.ts';
import { NO_SETTINGS } from '../../src/namespace-settings/known-settings.ts';
import { type Pod, slimPod } from '../../src/pod.ts';
import { createWatches } from '../../src/stores.ts';
import { FakeNetwork } from '../fake-network.ts';

/** What truly runs on the node. */
export interface Sandbox {
  readonly uid: string;
  readonly name: string;
  address: string;
  device: string;
  /** The connection that it keeps open; a new sandbox has none. */
  connection: object;
}

const NODE = 'node-0';
const FLAGS = parseFlags(table, [`--node=${NODE}`, '--operation-mode=managed', '--forceNamespaced'], {});
const ADDRESSES = ['10.0.0.1', '10.0.0.2', 'fd00::3'];
const NAMES = ['db-0', 'db-1', 'db-2', 'db-3'];
/** In which the kubelet tells an API server that answers what has become of a pod. */
const KUBELET_MS = 2_000;

export class NodeModel {
  readonly clock = fakeClock();
  readonly sandboxes: Sandbox[] = [];
  readonly #network = new FakeNetwork();
  readonly #stopping = new AbortController();
  #uids = 0;
  #devices = 0;

  /** What the API server has, by uid, and whether it answers. */
  readonly #api = new Map<string, Pod>();
  #isUp = true;
  #reports: (() => void)[] = [];
  #events: { readonly run: () => void; /** Whose address it tells. */ readonly tells?: string }[] = [];
  #standing: Standing = { confirmedAt: 0, broken: false };

  readonly #watches = createWatches({
    ...{ client: {} as KubeClient, node: NODE, withRecords: false, recordsOfNode: false, namespaceSettings: '' },
    ...{ clock: this.clock, logger: silentLogger },
  });
  readonly #stores = this.#watches.stores;
  readonly #caller = wireCaller({
    watches: { ...this.#watches, podsStanding: () => this.#standing },
    livePods: () =>
      this.#isUp
        ? Promise.resolve({ at: this.clock.monotonic(), pods: [...this.#api.values()] })
        : Promise.reject(new Error('away')),
    network: this.#network,
    clock: this.clock,
    metrics: createMetrics(),
  });
  readonly #findIdentity = wireIdentities({
    ...{ flags: FLAGS, stores: this.#stores, settings: NO_SETTINGS, clock: this.clock },
  });

  async start(): Promise<void> {
    void this.#caller.task(this.#stopping.signal);
    await this.clock.advance(0);
  }

  stop(): void {
    this.#stopping.abort(new Error('the end'));
  }

  /** A pod starts, if address and name are free. It is heard of before anything else happens, if it can be. */
  async startPod(pick: number): Promise<void> {
    const address = this.#freeAddress(pick);
    const name = NAMES.find((each) => ![...this.#api.values()].some((known) => known.name === each));
    if (!this.#isUp || this.#standing.broken || address === undefined || name === undefined) return;
    const uid = `uid-${this.#uids++}`;
    const sandbox = { uid, name, address, device: this.#connect(address), connection: {} };
    this.sandboxes.push(sandbox);
    this.#grant(uid);
    this.#reports.push(() => this.#put(sandbox));
    this.report();
    await this.deliver();
  }

  /** A sandbox ends; its end of the pair may be left behind. */
  endPod(pick: number, leavesInterface: boolean): void {
    const sandbox = this.#sandbox(pick);
    if (sandbox === undefined) return;
    this.sandboxes.splice(this.sandboxes.indexOf(sandbox), 1);
    if (!leavesInterface) this.#network.remove(sandbox.device);
    this.#reports.push(() => {
      this.#api.delete(sandbox.uid);
      const key = namespacedName({ namespace: 'default', name: sandbox.name });
      this.#events.push({ run: () => this.#stores.pods.remove(key) });
    });
  }

  /** A pod's sandbox is made anew, with an address that is free: no API server is needed for that. */
  restartPod(pick: number, free: number): void {
    const sandbox = this.#sandbox(pick);
    const address = this.#freeAddress(free);
    if (sandbox === undefined || address === undefined) return;
    this.#network.remove(sandbox.device);
    Object.assign(sandbox, { address, device: this.#connect(address), connection: {} });
    this.#reports.push(() => this.#put(sandbox));
  }

  bind(pick: number, bound: boolean): void {
    const sandbox = this.#sandbox(pick);
    if (sandbox === undefined) return;
    if (bound) this.#grant(sandbox.uid);
    else this.#stores.bindings.remove(`default/${sandbox.uid}`);
  }

  /** The kubelet's reports reach the API server. */
  report(): void {
    if (!this.#isUp) return;
    for (const each of this.#reports.splice(0)) each();
  }

  /** The watch brings events, all unless told how many. One that failed does not speak for all that there is. */
  async deliver(count = this.#events.length): Promise<void> {
    if (!this.#isUp) return;
    for (const event of this.#events.splice(0, count)) {
      if (!this.#standing.broken) this.#confirm();
      event.run();
    }
    await this.clock.advance(0);
  }

  /** A bookmark comes after everything that was before it. */
  async bookmark(): Promise<void> {
    await this.deliver();
    if (this.#isUp) this.#confirm();
  }

  breakWatch(): void {
    this.#standing = { ...this.#standing, broken: true };
  }

  async list(): Promise<void> {
    if (!this.#isUp) return;
    this.#events = [];
    this.#stores.pods.replaceAll(this.#api.values());
    this.#confirm();
    await this.clock.advance(0);
  }

  setApi(isUp: boolean): void {
    this.#isUp = isUp;
    if (!isUp) this.breakWatch();
  }

  async pass(ms: number): Promise<void> {
    if (ms >= KUBELET_MS) this.report();
    await this.clock.advance(ms);
  }

  /** Whose token a sandbox is given, by uid; `none` if it gets none. */
  async ask({ address }: Sandbox, connection: object): Promise<string> {
    const { signal } = new AbortController();
    const answer = this.#caller
      .findCaller({ remoteAddress: address, connection, signal })
      .then((found) => this.#findIdentity(found, { by: 'any' }, { signal, log: silentLogger }))
      .then(({ assigned }) => assigned[0].identity.metadata.name)
      .catch(() => 'none');
    // Only who has to wait moves the time on.
    await this.clock.advance(0);
    const first = await Promise.race([answer, Promise.resolve('waits')]);
    if (first === 'waits') await this.clock.advance(4_000);
    return answer;
  }

  /** Whether the binding that gives a pod its token is there. */
  isBound({ uid }: Sandbox): boolean {
    return this.#stores.bindings.get(`default/${uid}`) !== undefined;
  }

  /**
   * One that NMI has heard of where it is. Of one that comes and goes before the watch tells of it nothing can have been
   * recorded while it was there; that is the limit of the promise.
   */
  #sandbox(pick: number): Sandbox | undefined {
    const heard = this.sandboxes.filter(({ uid }) => !this.#events.some(({ tells }) => tells === uid));
    return heard[pick % Math.max(1, heard.length)];
  }

  #freeAddress(pick: number): string | undefined {
    const free = ADDRESSES.filter((address) => !this.sandboxes.some((each) => each.address === address));
    return free[pick % Math.max(1, free.length)];
  }

  #connect(address: string): string {
    const device = `veth${this.#devices++}`;
    this.#network.connect(address, device);
    return device;
  }

  #confirm(): void {
    this.#standing = { confirmedAt: this.clock.monotonic(), broken: false };
  }

  /** The kubelet reports what is, not what was. */
  #put(sandbox: Sandbox): void {
    if (!this.sandboxes.includes(sandbox)) return;
    const { uid, name, address: ip } = sandbox;
    const raw = pod({ name, ip, node: NODE, labels: { [POD_LABEL]: uid } });
    const slim = slimPod({ ...raw, metadata: { ...raw.metadata, uid } }, NODE) as Pod;
    this.#api.set(uid, slim);
    this.#events.push({ run: () => this.#stores.pods.apply(slim), tells: uid });
  }

  /** An identity and a binding of the pod's own, so that a token tells whose it is. */
  #grant(uid: string): void {
    const identity = readAzureIdentity(azureIdentity({ name: uid }));
    const binding = readAzureIdentityBinding(azureIdentityBinding({ name: uid }));
    if (identity.ok) this.#stores.identities.apply(identity.value);
    if (binding.ok) this.#stores.bindings.apply(binding.value);
  }
}
