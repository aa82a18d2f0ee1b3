import { X509Certificate } from 'node:crypto';
import type { Credential } from '@aad-pod-identity/entra';
import type { Metrics } from '@aad-pod-identity/telemetry';

/** On a Secret: when what is in it ends, as RFC 3339 or a date. Entra ID tells nobody when a client secret ends. */
export const EXPIRES_ANNOTATION = 'aadpodidentity.k8s.io/expires-on';

/** A date, with or without a time; nothing that `Date` would guess at. */
const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

function annotated(text: string): number | undefined {
  const at = DATE.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** When a credential ends (milliseconds since the epoch): the sooner of its certificate's own end and what is annotated. */
export function expiryOf(credential: Credential, annotation: string): number | undefined {
  const own =
    credential.kind === 'certificate'
      ? new X509Certificate(credential.certificatePem).validToDate.getTime()
      : undefined;
  const ends = [own, annotated(annotation)].filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** An AzureIdentity, and when its credential ends (milliseconds since the epoch). */
export interface Expiry {
  readonly namespace: string;
  readonly identity: string;
  readonly at: number;
}

/** Shows when the credentials end that this node holds; nothing of those whose end nobody knows. */
export function expiryMetric(metrics: Metrics, expiries: () => readonly Expiry[]): void {
  metrics.gauge({
    ...{ name: 'nmi_credential_expiry_timestamp_seconds', labels: ['namespace', 'identity'] },
    help: 'When the certificate or secret of an AzureIdentity ends, of those that pods of this node have used.',
    collect: () =>
      expiries().map(({ namespace, identity, at }) => ({ labels: { namespace, identity }, value: at / 1000 })),
  });
}
