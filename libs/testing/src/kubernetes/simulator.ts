import { type Clock, systemClock } from '@aad-pod-identity/runtime';

import { bootstrap } from './builtin/bootstrap.ts';
import { createCluster } from './cluster.ts';
import { Faults } from './faults.ts';
import type { ExchangeContext, RecordedRequest } from './http/exchange.ts';
import { Listener, type TlsFiles } from './http/listener.ts';
import { Tokens } from './http/tokens.ts';
import { kubeconfigYaml } from './kubeconfig.ts';
import { State } from './state.ts';
import { ISSUER } from './tokens/issued-tokens.ts';

export interface SimulatorOptions {
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly tls?: TlsFiles;
  /** Bearer token every request must carry; without it everybody may come in. */
  readonly token?: string;
  readonly clock?: Clock;
  /** CustomResourceDefinitions to install at start. */
  readonly crds?: readonly object[];
  readonly bookmarkIntervalMs?: number;
  readonly gracefulPods?: boolean;
  readonly logs?: (namespace: string, name: string) => string | undefined;
  /** Issuer of the tokens of service accounts; Kubernetes' usual one unless told. */
  readonly issuer?: string;
}

export interface KubernetesSimulator {
  readonly url: string;
  readonly port: number;
  readonly state: State;
  readonly faults: Faults;
  readonly requests: RecordedRequest[];
  readonly tokens: Tokens;
  /** A kubeconfig for this server, as YAML. */
  kubeconfig(): string;
  /** A TCP reset on every open connection. */
  resetConnections(): void;
  /** Open watches whose path matches go on without a word, like a connection half open. */
  silenceWatches(path?: RegExp): void;
  /** The server goes away; the state stays. */
  stop(): Promise<void>;
  /** The server comes back on the same port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_BOOKMARK_INTERVAL_MS = 60_000;

/** Starts a Kubernetes API over real HTTP, or TLS when given certificates. Ends with `close()`. */
export async function startKubernetesSimulator(options: SimulatorOptions = {}): Promise<KubernetesSimulator> {
  const host = options.host ?? '127.0.0.1';
  const cluster = createCluster(options.clock ?? systemClock, {
    gracefulPods: options.gracefulPods ?? false,
    logs: options.logs ?? (() => undefined),
    bookmarkIntervalMs: options.bookmarkIntervalMs ?? DEFAULT_BOOKMARK_INTERVAL_MS,
    issuer: options.issuer ?? ISSUER,
  });
  bootstrap(cluster);
  const state = new State(cluster);
  for (const crd of options.crds ?? []) state.create(crd);
  const context: ExchangeContext = {
    cluster,
    faults: new Faults(),
    tokens: new Tokens(options.token),
    requests: [],
    watches: new Set(),
    reset: (remotePort) => {
      listener.connections.reset(remotePort);
    },
  };
  const listener = new Listener(host, options.port ?? 0, options.tls, () => context);
  await listener.start();
  return simulator(host, options, context, listener, state);
}

function simulator(
  host: string,
  options: SimulatorOptions,
  context: ExchangeContext,
  listener: Listener,
  state: State,
): KubernetesSimulator {
  const url = `${options.tls === undefined ? 'http' : 'https'}://${host}:${listener.port}`;
  return {
    url,
    port: listener.port,
    state,
    faults: context.faults,
    requests: context.requests,
    tokens: context.tokens,
    kubeconfig: () =>
      kubeconfigYaml({
        url,
        ...(options.tls === undefined ? {} : { caPem: options.tls.caPem }),
        ...(options.token === undefined ? {} : { token: options.token }),
      }),
    resetConnections: () => {
      listener.connections.resetAll();
    },
    silenceWatches: (path) => {
      for (const watch of context.watches) if (path?.test(watch.path) ?? true) watch.sink.silence();
    },
    stop: () => listener.stop(),
    start: () => listener.start(),
    close: () => listener.stop(),
  };
}
