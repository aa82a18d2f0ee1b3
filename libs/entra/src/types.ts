export interface CertificatePair {
  /** The leaf first, its issuers after it if they are known. */
  readonly certificatePem: string;
  /** Unencrypted. */
  readonly privateKeyPem: string;
}

/** How an application proves who it is. */
export type Credential =
  | { readonly kind: 'secret'; readonly secret: string }
  | ({ readonly kind: 'certificate' } & CertificatePair)
  /** `assertion` gives a JWT of the federated issuer; it is asked once per request, and what it throws is passed on. */
  | { readonly kind: 'assertion'; readonly assertion: () => Promise<string> };

export interface EntraTokenRequest {
  /** Base URL of a cloud's Entra ID: `Cloud.activeDirectoryEndpoint`. */
  readonly authority: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential: Credential;
  /** Audience; its trailing slash, if any, is kept. */
  readonly resource: string;
}

/** Times are whole seconds since the Unix epoch. */
export interface EntraToken {
  readonly accessToken: string;
  readonly expiresOn: number;
  /** Until when the token may be used while Entra ID is down. */
  readonly extExpiresOn?: number;
}

export interface EntraClient {
  /**
   * One attempt, never answered from memory.
   * @throws EntraError, or the signal's reason when `signal` aborts.
   */
  token(request: EntraTokenRequest, signal?: AbortSignal): Promise<EntraToken>;
  /** Closes the connections; requests under way are cut off. */
  close(): Promise<void>;
}

/** One Azure cloud. URLs carry no trailing slash. */
export interface Cloud {
  readonly name: string;
  /** Base URL of Entra ID. */
  readonly activeDirectoryEndpoint: string;
  /** Base URL of ARM. */
  readonly resourceManagerEndpoint: string;
  /** `resource` of tokens for ARM, exactly as it must be asked for. */
  readonly resourceManagerAudience: string;
}
