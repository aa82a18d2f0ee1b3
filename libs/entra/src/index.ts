export { readCertificate } from './certificate.ts';
export { type EntraClientOptions, createEntraClient } from './client.ts';
export { CLOUDS, CloudError, type CloudSource, knownAuthority, resolveCloud } from './clouds.ts';
export { EntraError, type EntraErrorCode, type EntraErrorDetails, isTransient } from './errors.ts';
export {
  type CertificatePair,
  type Cloud,
  type Credential,
  type EntraClient,
  type EntraToken,
  type EntraTokenRequest,
} from './types.ts';
