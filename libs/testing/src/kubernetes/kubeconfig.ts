import { stringify } from 'yaml';

interface KubeconfigParts {
  readonly url: string;
  readonly caPem?: string;
  readonly token?: string;
}

const NAME = 'simulator';

/** A kubeconfig, as YAML, that kubectl and the clients can use. */
export function kubeconfigYaml({ url, caPem, token }: KubeconfigParts): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': NAME,
    clusters: [
      {
        name: NAME,
        cluster: {
          server: url,
          ...(caPem === undefined ? {} : { 'certificate-authority-data': Buffer.from(caPem).toString('base64') }),
        },
      },
    ],
    users: [{ name: NAME, user: token === undefined ? {} : { token } }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME, namespace: 'default' } }],
  });
}
