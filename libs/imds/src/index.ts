export { ImdsError, type ImdsErrorCode, type ImdsErrorDetails, isTransient } from './errors.ts';
export { type ImdsClient, type ImdsToken, type ImdsTokenRequest } from './types.ts';
