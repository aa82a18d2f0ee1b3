import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { deadlineSignal, type Clock } from '@aad-pod-identity/runtime';

/** How far a request to the metadata address got. */
export type Finding =
  | { readonly kind: 'dropped' | 'unanswered'; readonly afterMs: number }
  | { readonly kind: 'rejected'; readonly code: string }
  | { readonly kind: 'answered'; readonly status: number; readonly body: string };

export interface Probe {
  /** `http://host[:port]` of the metadata service. */
  readonly authority: string;
  readonly resource: string;
  readonly clientId: string;
}

/** Where Azure's clients ask, and the variable by which they are led elsewhere. */
export const authorityOf = ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: other }: NodeJS.ProcessEnv): string =>
  other ?? 'http://169.254.169.254';

const CONNECT_MS = 3_000;
const ANSWER_MS = 5_000;

function urlOf({ authority, resource, clientId }: Probe): URL {
  const url = new URL('/metadata/identity/oauth2/token?api-version=2018-02-01', authority);
  url.searchParams.set('resource', resource);
  if (clientId !== '') url.searchParams.set('client_id', clientId);
  return url;
}

/** Asks once for a token, past every proxy and client library, and tells how far that came. */
export async function findOut(probe: Probe, clock: Clock): Promise<Finding> {
  const connecting = deadlineSignal(clock, CONNECT_MS);
  const answering = deadlineSignal(clock, CONNECT_MS + ANSWER_MS);
  let connected = false;
  try {
    return await new Promise<Finding>((resolve, reject) => {
      const sent = get(urlOf(probe), { agent: false, headers: { Metadata: 'true' } }, (answer) => {
        text(answer).then((body) => {
          resolve({ kind: 'answered', status: answer.statusCode ?? 0, body });
        }, reject);
      });
      sent.on('error', reject);
      sent.on('socket', (socket) => socket.on('connect', () => (connected = true)));
      connecting.signal.addEventListener('abort', () => {
        if (!connected) resolve({ kind: 'dropped', afterMs: CONNECT_MS });
        if (!connected) sent.destroy();
      });
      answering.signal.addEventListener('abort', () => {
        resolve({ kind: 'unanswered', afterMs: ANSWER_MS });
        sent.destroy();
      });
    });
  } catch (error) {
    return { kind: 'rejected', code: (error as NodeJS.ErrnoException).code ?? 'unknown' };
  } finally {
    connecting.done();
    answering.done();
  }
}

const POLICY =
  'a NetworkPolicy that limits the egress of this pod must allow TCP port 80 of 169.254.169.254/32 and the port of NMI (2579) of the node';

/** What NMI says is passed on: it names the reason. What is not of NMI's form comes from somebody else. */
function answered(status: number, body: string): string {
  try {
    const { error_description: description } = JSON.parse(body) as { error_description?: string };
    if (description !== undefined) return `the metadata address answers ${status}: ${description}`;
  } catch {
    // told below
  }
  return `what answers ${status} at the metadata address is not NMI`;
}

function gotToken(): string {
  return 'asked directly, the metadata address gives a token: it is the client that does not reach it';
}

/** One sentence for a person: what is wrong, and what to look at. */
export function diagnosisOf(finding: Finding): string {
  switch (finding.kind) {
    case 'dropped':
      return `no connection to the metadata address within ${finding.afterMs / 1000} s, so packets are dropped on the way: ${POLICY}`;
    case 'rejected':
      return `the metadata address refuses connections (${finding.code}): NMI does not run on this node or is not ready (kubectl get pods -A -l component=nmi -o wide), or ${POLICY}`;
    case 'unanswered':
      return `connected to the metadata address, but no answer within ${finding.afterMs / 1000} s: the identity may not be assigned yet (kubectl get azureassignedidentity -A)`;
    case 'answered':
      return finding.status === 200 ? gotToken() : answered(finding.status, finding.body);
  }
}

const named = (list: string): boolean =>
  list.split(/[\s,]+/).some((each) => each === '*' || each === '169.254.169.254');

/** A proxy that a client would send the metadata request to; undefined where none is. */
export function proxyProblem(env: NodeJS.ProcessEnv): string | undefined {
  const name = ['http_proxy', 'HTTP_PROXY'].find((each) => (env[each] ?? '') !== '');
  if (name === undefined || named(env.no_proxy ?? env.NO_PROXY ?? '')) return undefined;
  return `${name} is set and NO_PROXY does not name 169.254.169.254, so clients may send the request to the proxy`;
}
