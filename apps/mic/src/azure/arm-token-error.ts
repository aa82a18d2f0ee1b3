import { ArmError } from '@aad-pod-identity/azure-arm';
import { EntraError } from '@aad-pod-identity/entra';
import { ImdsError } from '@aad-pod-identity/imds';

/** What people see as the reason of a record whose identity waits for it. */
const REASON = 'NoTokenForArm';

type IssuerError = EntraError | ImdsError;

/** Codes of both issuers that pass by themselves -> what they are for the write that needed the token. */
const PASSING: Readonly<Partial<Record<IssuerError['code'], ArmError['code']>>> = {
  throttled: 'throttled',
  unavailable: 'unavailable',
  unreachable: 'unreachable',
  timeout: 'unreachable',
};

/** MIC without a token cannot use ARM: to the pass it is a failure of ARM like any other. */
export function armErrorOf(error: unknown): unknown {
  if (!(error instanceof EntraError || error instanceof ImdsError)) return error;
  const { retryAfterMs } = error;
  const code = PASSING[error.code] ?? 'unauthorized';
  const details = { armCode: REASON, cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  return new ArmError(code, `no token for ARM: ${error.message}`, details);
}
