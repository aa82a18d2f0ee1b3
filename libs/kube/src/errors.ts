/** Every way a call to the Kubernetes API can fail. */
export type KubeErrorCode =
  | 'notFound'
  | 'conflict'
  | 'alreadyExists'
  | 'gone'
  | 'forbidden'
  | 'unauthorized'
  | 'invalid'
  | 'tooManyRequests'
  | 'serverError'
  | 'unreachable'
  | 'timeout'
  | 'badResponse'
  /** The kubeconfig or the in-cluster files are missing or make no sense; only `connect` throws it. */
  | 'badConfig';

export interface KubeErrorDetails {
  /** HTTP status, when there was an answer. */
  status?: number | undefined;
  /** What the server asked to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** `reason` of the server's Status object, such as `NotFound`. */
  reason?: string | undefined;
  cause?: unknown;
}

export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: KubeErrorCode;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly reason?: string;

  constructor(code: KubeErrorCode, message: string, details: KubeErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.reason !== undefined) this.reason = details.reason;
  }
}

/** Whether `error` is a KubeError, of one of `codes` if any are given. */
export function isKubeError(error: unknown, ...codes: KubeErrorCode[]): error is KubeError {
  return error instanceof KubeError && (codes.length === 0 || codes.includes(error.code));
}
