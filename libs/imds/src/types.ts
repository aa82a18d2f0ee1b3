/** A token as IMDS gives it. Times are whole seconds since the Unix epoch. */
export interface ImdsToken {
  readonly accessToken: string;
  readonly clientId: string;
  readonly expiresOn: number;
  /** Lifetime in seconds that holds while the issuer is down; as IMDS gave it. */
  readonly extExpiresIn?: number;
  readonly notBefore: number;
  /** As it was asked for. */
  readonly resource: string;
  readonly tokenType: string;
}

/** At most one of the three selectors; none asks for the machine's only identity. */
export interface ImdsTokenRequest {
  readonly resource: string;
  readonly clientId?: string;
  readonly objectId?: string;
  readonly msiResId?: string;
  /** Default `2018-02-01`. */
  readonly apiVersion?: string;
}

export interface ImdsClient {
  /**
   * One attempt.
   * @throws ImdsError, or the signal's reason when `signal` aborts.
   */
  token(request: ImdsTokenRequest, signal?: AbortSignal): Promise<ImdsToken>;
  /** Closes the connections; requests under way are cut off. */
  close(): Promise<void>;
}
