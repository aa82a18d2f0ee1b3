import { UNINSTALL_ANNOTATION } from '@aad-pod-identity/crd-types';
import {
  createReflector,
  deployments,
  type FieldTree,
  type KubeClient,
  namespacedName,
  Store,
} from '@aad-pod-identity/kube';
import type { Clock, Task } from '@aad-pod-identity/runtime';
import type { Logger } from '@aad-pod-identity/telemetry';

/** Only what was seen last counts: no answer, one that refuses, and a Deployment that is gone leave everything as it is. */
export interface OwnDeployment {
  /** Whether it carries the marker that `helm uninstall` sets; nobody may edit it who could not also delete it. */
  readonly isUninstalling: () => boolean;
  /** Calls back when that has changed, until the returned function is called. */
  readonly onChange: (lookAgain: () => void) => () => void;
  /** Resolves once it was read, is forbidden to read, or has not answered for long: nothing else may wait for ever. */
  readonly whenKnown: Task;
  readonly run: Task;
}

interface Seen {
  readonly namespace: string;
  readonly name: string;
  readonly uninstall: boolean;
}

export interface OwnDeploymentOptions {
  readonly client: KubeClient;
  /** `namespace/name`; empty for none. */
  readonly deployment: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const FIELDS: FieldTree = { metadata: { annotations: true } };
const LONG_MS = 5_000;

function slim(raw: unknown): Seen {
  const { metadata } = raw as {
    metadata: { namespace: string; name: string; annotations?: Record<string, unknown> | null };
  };
  const { namespace, name, annotations } = metadata;
  return { namespace, name, uninstall: annotations?.[UNINSTALL_ANNOTATION] === 'true' };
}

const NONE: OwnDeployment = {
  isUninstalling: () => false,
  onChange: () => () => undefined,
  whenKnown: () => Promise.resolve(),
  run: () => Promise.resolve(),
};

export function watchOwnDeployment({ deployment, ...common }: OwnDeploymentOptions): OwnDeployment {
  if (deployment === '') return NONE;
  const [namespace = '', name = ''] = deployment.split('/');
  const store = new Store<Seen>({ key: namespacedName });
  // one that is deleted with the marker is what the marker is for: a MIC that still runs must not begin anew
  let last: Seen | undefined;
  store.subscribe(({ object }) => {
    last = object;
  });
  const forbidden = Promise.withResolvers<undefined>();
  const reflector = createReflector({
    ...{ ...common, store, slim, fields: FIELDS, resource: deployments },
    ...{ namespace, fieldSelector: `metadata.name=${name}` },
    metrics: {
      failed: (_resource, _during, code) => {
        if (code === 'forbidden') forbidden.resolve(undefined);
      },
    },
  });
  return {
    isUninstalling: () => last?.uninstall === true,
    onChange: (lookAgain) => store.subscribe(lookAgain),
    whenKnown: (signal) => firstOf(common.clock, [reflector.whenSynced(signal), forbidden.promise], signal),
    run: (signal) => reflector.run(signal),
  };
}

/** @throws the signal's reason */
async function firstOf(clock: Clock, answers: readonly Promise<unknown>[], signal: AbortSignal): Promise<void> {
  const answered = new AbortController();
  const long = clock.sleep(LONG_MS, AbortSignal.any([signal, answered.signal])).catch(() => undefined);
  try {
    await Promise.race([...answers, long]);
  } finally {
    answered.abort();
  }
  signal.throwIfAborted();
}
