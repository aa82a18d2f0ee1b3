export { type ImdsClientOptions, createImdsClient } from './client.ts';
export { ImdsError, type ImdsErrorCode, type ImdsErrorDetails, isTransient } from './errors.ts';
export { DEFAULT_API_VERSION, JSON_CONTENT_TYPE, TOKEN_PATH, renderErrorBody, renderTokenBody } from './forms.ts';
export { type ImdsClient, type ImdsToken, type ImdsTokenRequest } from './types.ts';
