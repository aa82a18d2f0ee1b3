export { EntraError, type EntraErrorCode, type EntraErrorDetails, isTransient } from './errors.ts';
export {
  type CertificatePair,
  type Cloud,
  type Credential,
  type EntraClient,
  type EntraToken,
  type EntraTokenRequest,
} from './types.ts';
