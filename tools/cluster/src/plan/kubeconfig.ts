export interface KubeconfigRequest {
  readonly cluster: string;
  readonly user: string;
  readonly server: string;
  /** PEM texts; they are put into the file, so that a copy of it works as well. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A kubeconfig in JSON, which every reader of YAML reads. */
export function kubeconfig({ cluster, user, server, ca, cert, key }: KubeconfigRequest): string {
  const document = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': cluster },
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: user, user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) } }],
    contexts: [{ name: cluster, context: { cluster, user } }],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
