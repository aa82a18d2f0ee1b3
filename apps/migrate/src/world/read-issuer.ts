import type { KubeClient } from '@aad-pod-identity/kube';

const PATH = '/.well-known/openid-configuration';

/** What the cluster says of itself: who signs the tokens of its service accounts, or why that is not known. */
export type Told = { readonly issuer: string } | { readonly problem: string };

function issuerOf(document: unknown): Told {
  const issuer = (document as { issuer?: unknown } | null)?.issuer;
  return typeof issuer === 'string' && issuer !== ''
    ? { issuer }
    : { problem: `${PATH} of the cluster names no issuer` };
}

/** Never rejects but with the signal's reason: a plan can be made without it. */
export async function readIssuer(client: KubeClient, signal: AbortSignal): Promise<Told> {
  try {
    return issuerOf(await client.document(PATH, { signal }));
  } catch (error) {
    signal.throwIfAborted();
    return { problem: error instanceof Error ? error.message : 'the cluster does not tell' };
  }
}
