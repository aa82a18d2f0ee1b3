/** TLS material of a connection, in the form node:tls takes. */
export interface TlsMaterial {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  passphrase?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** How to reach one API server and who we are to it. */
export interface ServerAccess {
  /** Base URL without a trailing slash. */
  readonly server: string;
  /** HTTP proxy of the kubeconfig, if any. */
  readonly proxyUrl?: string;
  /**
   * Headers that say who we are. `fresh` asks for new credentials because the server refused the old ones.
   * @throws KubeError `badConfig` when the credentials cannot be read.
   */
  headers(fresh: boolean): Promise<Readonly<Record<string, string>>>;
  /** The material for a new connection. The same object until it changes. */
  tls(): TlsMaterial;
}
