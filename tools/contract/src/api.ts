import { randomBytes } from 'node:crypto';
import type { KubeClient } from '@aad-pod-identity/kube';
import { systemClock } from '@aad-pod-identity/runtime';
import type { Access } from './access.ts';
import { call, openWatch, type Reply, type Watch } from './http.ts';

type Headers = Readonly<Record<string, string>>;

/** What a case knows of the server it talks to: nothing but its API. */
export interface Api {
  readonly kubeconfig: string;
  readonly client: KubeClient;
  /** A namespace that no other case uses, with all that controllers put into a new one. */
  readonly namespace: string;
  /** A word that no other case has, for names that are not in a namespace. */
  readonly word: string;
  /** One call, such as `GET /api/v1/@/pods/a`; `@` stands for the namespace and `*` for the word. */
  call(order: string, body?: unknown, headers?: Headers): Promise<Reply>;
  watch(path: string, headers?: Headers): Promise<Watch>;
  /** Calls until the answer is as wanted, for what controllers do in their own time. */
  until(order: string, wanted: (reply: Reply) => boolean, body?: unknown): Promise<Reply>;
  /** Makes the server forget every earlier revision. */
  compact(): Promise<void>;
}

/** A server that the suite can be run against. */
export interface Server {
  readonly kubeconfig: string;
  readonly compact: () => Promise<void>;
}

const POLL_MS = 20;

/** Polls without a limit of its own: the test's timeout is the limit. */
async function until(look: () => Promise<Reply>, wanted: (reply: Reply) => boolean): Promise<Reply> {
  for (;;) {
    const reply = await look();
    if (wanted(reply)) return reply;
    await systemClock.sleep(POLL_MS);
  }
}

export interface Connection extends Server {
  readonly access: Access;
  readonly client: KubeClient;
}

/** Letters only: it must do as a kind as well. */
const nextWord = (): string => Array.from(randomBytes(10), (byte) => String.fromCharCode(97 + (byte % 26))).join('');

/** The handle of one case, with its namespace ready. */
export async function openApi({ kubeconfig, compact, access, client }: Connection): Promise<Api> {
  const word = nextWord();
  const namespace = `c-${word}`;
  const full = (order: string) => order.replaceAll('@', `namespaces/${namespace}`).replaceAll('*', word);
  const api: Api = {
    ...{ kubeconfig, client, namespace, word, compact },
    call: (order, body, headers) => call(access, full(order), body, headers),
    watch: (path, headers) => openWatch(access, full(path), headers),
    until: (order, wanted, body) => until(() => call(access, full(order), body), wanted),
  };
  await api.call('POST /api/v1/namespaces', { metadata: { name: namespace } });
  const found = ({ status }: Reply) => status === 200;
  await api.until('GET /api/v1/@/serviceaccounts/default', found);
  await api.until('GET /api/v1/@/configmaps/kube-root-ca.crt', found);
  return api;
}
